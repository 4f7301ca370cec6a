"""Files and disks that are wrong: each with its line and what to do, and the data before stays."""

import os
import socket
import time

from harness import Skipped, contains, equal, holds, ok, refused, unique
from things import (big_table, deliver, delivered, files_below, folder_draft, import_csv, import_customers, make_export, make_folder, make_sftp,
                    mount_tmpfs,
                    start_import, unmount, upload, wait_run)


def send(client, text):
    return client.call("POST", "uploads?filename=big.csv", text, {"Content-Type": "text/csv"}, timeout=120)


def test_a_broken_quote_far_down(server):
    """DAT-25: a quote that is opened on line 900,000 and never closed, or stands astray, is found by line"""
    lines = [f"{n},some text of a row" for n in range(1_000_000)]
    head = "id,text\n" + "\n".join(lines[:899_998]) + "\n"
    tail = "\n" + "\n".join(lines[899_999:]) + "\n"
    refused(send(server.admin, head + '899998,"never closed' + tail), 422, "csv.unclosed_quote", "900000")
    refused(send(server.admin, head + '899998,"closed" too early' + tail), 422, "csv.stray_quote", "900000")
    refused(send(server.admin, head + "899998,one,too many" + tail), 422, "csv.wrong_field_count", "900000")


def test_a_fault_beyond_the_sample(server):
    """DAT-25: in a file too large to be read whole at upload the run finds it, and the former rows stay"""
    name = unique("Deep")
    import_csv(server.admin, "id,text\n1,x\n", name, "id")
    row = "x" * 100
    text = "id,text\n" + "".join(f"{n},{row}\n" for n in range(700_000)) + '700000,"never closed\n'
    run = wait_run(server.admin, start_import(server.admin, text, name, "id", [{"source": c, "name": c, "type": "text"} for c in ("id", "text")],
                                              replace=True))
    equal((run["state"], run["error"]["reason"]), ("failed", "csv.unclosed_quote"), f"the run ({run['error']})")
    contains(run["error"]["detail"], "700002", "the line")
    equal(ok(server.admin.get(f"tables/{name}/rows"))["rows"], [["1", "x"]], "rows after the failure")


def test_duplicate_keys_are_told_by_line(server):
    """DAT-06: two rows with one key are told by key and both lines, also where rows span several lines"""
    name = unique("Twice")
    lines = ["id,text"] + [f'{n},"two\nlines"' for n in range(5000)] + ["17,again"]
    run = wait_run(server.admin, start_import(server.admin, "\n".join(lines) + "\n", name, "id",
                                              [{"source": c, "name": c, "type": "text"} for c in ("id", "text")]))
    equal(run["error"]["reason"], "table.duplicate_key", "reason")
    for words in ('"17"', "lines 36 and 10002"):
        contains(run["error"]["detail"], words, "detail")


def test_a_field_of_300_megabytes(server):
    """DAT-25: a field beyond any measure is refused without taking memory for it"""
    before = server.resident_megabytes()
    answer = send(server.admin, b'id,text\n1,"' + b"x" * 300_000_000 + b'"\n')
    refused(answer, 422, "csv.field_too_large", "2")
    holds(server.resident_megabytes() - before < 150, f"memory grew by {server.resident_megabytes() - before:.0f} MB")
    equal(os.listdir(server.data / "spool"), [], "what was left of the upload")


def test_other_encodings(server):
    """DAT-25: Latin-1 is detected and imported; the same bytes taken for UTF-8 fail with the line"""
    data = "id,name\n1,Müller\n2,Ærø\n".encode("latin-1")
    found = upload(server.admin, data)
    contains(("windows-1252", "iso-8859-1"), found["detected"]["encoding"], "encoding")
    name = unique("Latin")
    import_csv(server.admin, data, name, "id", encoding=found["detected"]["encoding"])
    equal(ok(server.admin.get(f"tables/{name}/rows"))["rows"], [["1", "Müller"], ["2", "Ærø"]], "rows")
    columns = [{"source": c, "name": c, "type": "text"} for c in ("id", "name")]
    run = wait_run(server.admin, start_import(server.admin, data, name, "id", columns, encoding="utf-8", replace=True))
    equal((run["state"], run["error"]["reason"]), ("failed", "csv.bad_encoding"), f"the run ({run['error']})")
    contains(run["error"]["detail"], "ine 2", "the line")
    equal(len(ok(server.admin.get(f"tables/{name}/rows"))["rows"]), 2, "rows after the failure")
    refused(send(server.admin, b"id,name\n" + b"1,plain\n" * 500 + b"1,a\x00b\n"), 422, "csv.nul_character", "502")


def test_an_upload_that_breaks_off(server):
    """DAT-25, SYS-51: a browser that goes away in the middle of an upload leaves nothing behind"""
    head = f"POST /api/v1/uploads?filename=x.csv HTTP/1.1\r\nHost: x\r\nCookie: {server.admin.cookie}\r\nX-Sluice-CSRF: {server.admin.csrf}\r\nContent-Length: 50000000\r\n\r\n"
    uploads = sorted(os.listdir(server.data / "uploads"))
    with socket.create_connection((server.host, server.port)) as peer:
        peer.sendall(head.encode() + b"id,name\n" * 100_000)
        # Not before the server has begun to write: else "nothing left behind" is seen of an upload that has yet to start.
        end = time.monotonic() + 10
        while not os.listdir(server.data / "spool") and time.monotonic() < end:
            time.sleep(0.01)
        equal(len(os.listdir(server.data / "spool")), 1, "files while uploading")
    end = time.monotonic() + 10
    while os.listdir(server.data / "spool") and time.monotonic() < end:
        time.sleep(0.05)
    equal(os.listdir(server.data / "spool"), [], "spool")
    equal(sorted(os.listdir(server.data / "uploads")), uploads, "uploads")


def test_a_full_disk_at_the_destination(server, make_sshd):
    """EXP-57, EXP-73: a destination without space ends the run with that reason, nothing partial is visible, and room makes it work again"""
    if os.geteuid() != 0:
        raise Skipped("mounting a small disk needs root")
    table = big_table(server)
    connection = make_folder(server.admin)
    root = server.exports / connection["settings"]["folder"]
    root.mkdir(parents=True)
    mount_tmpfs(root, "8m")
    try:
        export = make_export(server.admin, connection, [table], settings={"compression": "none"})
        run = deliver(server.admin, export, "failed")
        equal(run["error"]["reason"], "folder.no_space", f"reason ({run['error']})")
        equal(files_below(root), [], "files after the failure")
        equal(ok(server.admin.get("connections/" + connection["id"]))["health"], "failing", "health")
    finally:
        unmount(root)
    run = deliver(server.admin, export)
    equal(len(delivered(root, run, table)[1]), 200_000, "rows once there is room")
    sshd = make_sshd("--tmpfs", "8m")
    run = deliver(server.admin, make_export(server.admin, make_sftp(server.admin, sshd), [table], settings={"compression": "none"}), "failed")
    contains(run["error"]["reason"], "sftp.", "reason on the SFTP server")
    equal(files_below(sshd.folder), [], "files on the SFTP server")


def test_a_full_disk_here(make_server, folder):
    """SYS-51: with no space left in the data folder changes are refused clearly, what was answered stays, and space makes it work again"""
    if os.geteuid() != 0:
        raise Skipped("mounting a small disk needs root")
    mount_tmpfs(folder, "40m")
    server = make_server(start=False)
    server.data = folder / "data"
    try:
        server.start_with_people()
        import_customers(server.admin)
        made = make_folder(server.admin)
        with open(folder / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 65536)
            except OSError:
                pass
        answer = server.admin.call("POST", "uploads?filename=x.csv", b"id,name\n" + b"1,aaaaaaaaaaaaaaaaa\n" * 200_000)
        refused(answer, 507, "server.no_room")
        for _ in range(300):
            answer = server.admin.post("connections", folder_draft())
            if answer.status != 201:
                break
        holds(answer.status in (500, 503, 507), f"a change without space: {answer.status} {answer.text}")
        equal(answer.headers["content-type"], "application/problem+json", "the refusal is a problem")
        ok(server.admin.get("connections/" + made["id"]))
        ok(server.anonymous().get("/healthz"))
        os.unlink(folder / "filler")
        after = ok(server.admin.post("connections", folder_draft()), 201)
        server.stop()
        server.start()
        for one in (made, after):
            ok(server.admin.get("connections/" + one["id"]))
        equal(ok(server.admin.get("tables/Customer"))["state"], "ready", "the table")
    finally:
        server.stop()
        unmount(folder)
