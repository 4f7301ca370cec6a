"""Connections are verified again by Sluice itself, so that one that broke is known before its next run."""

import datetime
import socket
import threading
import time

from harness import contains, equal, holds, ok, on_both_stores, until
from servers import Server
from things import make_folder, make_sftp, sftp_settings

HOURS = 1.0 / 3600


class Road:
    """The way to a server: a port that can be closed and opened again."""

    def __init__(self, port):
        self.target = port
        self.port = 0
        self.open()

    def open(self):
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._socket,), daemon=True).start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self, listening):
        while True:
            try:
                here, _ = listening.accept()
                there = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            for a, b in ((here, there), (there, here)):
                threading.Thread(target=self._copy, args=(a, b), daemon=True).start()

    @staticmethod
    def _copy(a, b):
        try:
            while piece := a.recv(65536):
                b.sendall(piece)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def loaded(client, connection):
    return ok(client.get("connections/" + connection["id"]))


def told(client, connection):
    """Reasons of its notices, the oldest first."""
    return [n["reason"] for n in reversed(client.all("notices")) if n["link"] == "/admin/connections/exports/" + connection["id"]]


@on_both_stores
def test_a_server_that_goes_and_comes_back(make_server, sshd):
    """BEY-18, CON-10, CON-20: every connection is verified again by itself; one notice when it breaks, one when it recovers"""
    server, road = make_server(environment={"SLUICE_REVERIFY_HOURS": f"{HOURS:.6f}"}), Road(sshd.port)
    broken, steady = make_sftp(server.admin, sshd, sftp_settings(sshd, port=road.port)), make_folder(server.admin)

    def verified_again(connection, times=1):
        for _ in range(times):
            before = loaded(server.admin, connection)["verification"]["at"]
            until("verified again", lambda: loaded(server.admin, connection)["verification"]["at"] > before)

    for connection in (broken, steady):
        until("verified by itself", lambda: loaded(server.admin, connection)["health"] == "ok")
    verified_again(broken)
    equal(told(server.admin, broken), [], "nothing to tell of a connection that works")

    road.close()
    until("found broken", lambda: loaded(server.admin, broken)["health"] == "failing")
    equal(loaded(server.admin, broken)["verification"]["result"], "failed", "what the verification says")
    verified_again(broken, times=3)
    equal(told(server.admin, broken), ["connection.failing"], "one notice, whatever the number of verifications")
    notice = next(n for n in server.admin.all("notices") if n["reason"] == "connection.failing")
    contains(notice["title"], broken["display_name"], "it names the connection")

    road.open()
    until("found whole", lambda: loaded(server.admin, broken)["health"] == "ok")
    verified_again(broken, times=2)
    equal(told(server.admin, broken), ["connection.failing", "connection.recovered"], "one notice of the recovery")
    holds(next(n for n in server.admin.all("notices") if n["reason"] == "connection.failing")["is_resolved"], "the first is resolved")
    equal((loaded(server.admin, steady)["health"], told(server.admin, steady)), ("ok", []), "the other is as it was")
    entries = server.admin.all("audit", event="connection.verified", object_id=broken["id"], limit=200)
    equal({(e["actor"]["id"], e["actor"]["display_name"]) for e in entries}, {(None, "system")}, "who did it, says the audit log")
    road.close()


@on_both_stores
def test_each_once_a_period(make_server, binary, folder, postgres):
    """BEY-18, BEY-30: each connection once a period, not all at once, whatever the number of nodes"""
    period = 4
    server = make_server(environment={"SLUICE_REVERIFY_HOURS": f"{period * HOURS:.6f}"})
    made = [make_folder(server.admin) for _ in range(6)]
    second = None
    if postgres is not None:
        second = Server(binary, folder / "second", server.store,
                        environment=server.environment | {"SLUICE_MASTER_KEY_FILE": str(server.data / "master.key")}).start()
    try:
        time.sleep(4 * period)
    finally:
        if second is not None:
            second.stop()
    times = {}
    for entry in server.admin.all("audit", event="connection.verified", sort="at", limit=200):
        times.setdefault(entry["object"]["id"], []).append(datetime.datetime.fromisoformat(entry["at"].replace("Z", "+00:00")).timestamp())
    equal(set(times), {c["id"] for c in made}, "every connection had its turn")
    for at in times.values():
        holds(len(at) >= 2, f"again and again: {at}")
        gaps = [b - a for a, b in zip(at, at[1:])]
        holds(min(gaps) > period - 0.5, f"not before its time: {gaps}")
    firsts = sorted(at[0] for at in times.values())
    holds(firsts[-1] - firsts[0] > 0.6, f"not all at once: {firsts}")


def test_verifying_again_is_a_setting(make_server):
    """BEY-18: once a day unless set otherwise, and 0 is never"""
    off = make_server(environment={"SLUICE_REVERIFY_HOURS": "0"})
    daily = make_server()
    made = [(server, make_folder(server.admin)) for server in (off, daily)]
    time.sleep(3)
    for server, connection in made:
        equal(loaded(server.admin, connection)["health"], "not_verified", "not before its time")
    odd = make_server(people=False, start=False, environment={"SLUICE_REVERIFY_HOURS": "often"})
    holds(not odd.try_start(), "a value that is none")
    contains(odd.log(), "reverify_hours must be a number", "what the log says")
