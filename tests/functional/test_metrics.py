"""What monitoring systems read at /metrics."""

import re

from harness import contains, equal, holds, lacks, ok, on_both_stores, refused, until
from things import deliver, import_customers, make_export, make_folder, start, wait_run

LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? ([0-9.e+-]+|\+Inf)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\[\\"n])*)"')


def read(client):
    """{(name, label…): value}, after a look at the format itself."""
    answer = client.get("/metrics")
    equal((answer.status, answer.headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"), "the answer")
    types, values = {}, {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            holds(name not in types and kind in ("counter", "gauge", "histogram"), f"one type for each: {line}")
            types[name] = kind
        elif not line.startswith("# HELP "):
            found = LINE.fullmatch(line)
            holds(found, f"a line of the text format: {line}")
            name, labels, value = found.groups()
            stem = re.sub("_(bucket|sum|count)$", "", name)
            holds(name in types or types.get(stem) == "histogram", f"a type comes before its values: {line}")
            key = (name, *LABEL.findall(labels or ""))
            holds(key not in values, f"each series once: {line}")
            values[key] = float(value)
    return values


def one(values, name, **labels):
    return values.get((name, *labels.items()))


@on_both_stores
def test_figures(make_server, postgres):
    """SYS-50: runs by state and connector type, rows, bytes, durations, queue, outbox, requests by route and class, build and process; health and readiness"""
    server = make_server(environment={"SLUICE_RETRY_DELAYS": "10m"})
    import_customers(server.admin)
    connection = make_folder(server.admin)
    export = make_export(server.admin, connection)
    run = deliver(server.admin, export)
    values = read(server.admin)
    of_folder = {"kind": "export", "type": "folder"}
    equal(one(values, "sluice_runs_ended_total", **of_folder, state="succeeded"), 1, "runs by state and connector type")
    equal(one(values, "sluice_runs_ended_total", kind="import", type="", state="succeeded"), 1, "imports have no connector")
    equal(one(values, "sluice_rows_sent_total", **of_folder), run["counts"]["rows_sent"], "rows")
    equal(one(values, "sluice_bytes_sent_total", **of_folder), run["counts"]["bytes"], "bytes")
    equal(one(values, "sluice_run_duration_seconds_count", **of_folder), 1, "durations")
    equal(one(values, "sluice_run_duration_seconds_bucket", **of_folder, le="+Inf"), 1, "the last bucket has them all")
    holds(0 < one(values, "sluice_run_duration_seconds_sum", **of_folder) < 60, "their sum")
    equal([one(values, "sluice_queue_runs", state=s) for s in ("queued", "running", "retrying", "needs_approval")], [0, 0, 0, 0], "the queue")
    equal(one(values, "sluice_queue_oldest_seconds"), 0, "nothing waits")
    equal(one(values, "sluice_notices_outbox_messages"), 0, "nothing is to be sent")
    equal(one(values, "sluice_build_info", version=ok(server.admin.get("about"))["version"], store="postgresql" if postgres else "sqlite"), 1, "the build")
    holds(1e6 < one(values, "process_resident_memory_bytes") < 1e9, "memory")
    holds(one(values, "process_cpu_seconds_total") > 0 and one(values, "process_open_fds") > 3, "processor and files")

    route = {"method": "GET", "route": "/api/v1/runs/{run_id}"}
    before = one(read(server.admin), "sluice_http_requests_total", **route, status="2xx")
    for _ in range(3):
        ok(server.admin.get("runs/" + run["id"]))
    server.admin.get("runs/" + export["id"])
    server.admin.get("/api/v1/no/such/" + run["id"])
    values = read(server.admin)
    equal(one(values, "sluice_http_requests_total", **route, status="2xx"), before + 3, "requests by route")
    equal(one(values, "sluice_http_requests_total", **route, status="4xx"), 1, "and class of status")
    equal(one(values, "sluice_http_requests_total", method="GET", route="-", status="4xx"), 1, "what no route takes")
    equal(one(values, "sluice_http_request_duration_seconds_count", **route), before + 4, "latencies")
    buckets = [v for k, v in values.items() if k[:3] == ("sluice_http_request_duration_seconds_bucket", ("method", "GET"), ("route", route["route"]))]
    holds(buckets == sorted(buckets) and buckets[-1] == before + 4 and len(buckets) > 8, f"buckets add up: {buckets}")
    text = server.admin.get("/metrics").text
    for secret in (run["id"], export["id"], connection["id"], export["display_name"], "administrator@example.com"):
        lacks(text, secret, "labels are bounded: no ids, no names")

    folder = server.exports / connection["settings"]["folder"]
    folder.rename(folder.with_name("kept"))
    folder.write_text("in the way")
    failed = start(server.admin, export)
    until("the run ended or waits", lambda: ok(server.admin.get("runs/" + failed["id"]))["state"] in ("failed", "retrying"))
    values = read(server.admin)
    holds(one(values, "sluice_queue_runs", state="retrying") == 1 or one(values, "sluice_runs_ended_total", **of_folder, state="failed") == 1, "failures")
    for path in ("/healthz", "/readyz"):
        equal(server.anonymous().get(path).status, 200, path)


def test_who_may_read_the_figures(make_server):
    """SYS-50, ROL-01: administrators and any API key; everybody only when the operator says so"""
    server = make_server()
    refused(server.anonymous().get("/metrics"), 401, "session.required")
    for client in (server.viewer, server.contributor):
        refused(client.get("/metrics"), 403, "request.forbidden", "administrator")
    read(server.admin)
    scraper = server.anonymous()
    scraper.bearer = ok(server.admin.post("api-keys", {"display_name": "Scraper", "role": "viewer"}), 201)["token"]
    read(scraper)
    refused(scraper.get("connections"), 403, "request.forbidden")
    scraper.bearer = scraper.bearer[:-2] + "xx"
    equal(scraper.get("/metrics").status, 401, "a wrong key")
    opened = make_server(people=False, options=["--metrics-public", "true"])
    read(opened.anonymous())
    odd = make_server(people=False, start=False, options=["--metrics-public", "maybe"])
    holds(not odd.try_start(), "a value that is none")
    contains(odd.log(), "metrics_public must be true or false", "what the log says")
