"""What tests are written with: marks, checks and a small HTTP client.

A test is a function `test_*` whose first docstring line begins with the ids it proves. Its parameters name what it needs;
see resources.py. Checks raise Failure with what was expected and what was seen.
"""

import http.client
import itertools
import json
import socket
import time
import urllib.parse

_numbers = itertools.count(1)


class Failure(AssertionError):
    pass


class Skipped(Exception):
    pass


def on_both_stores(test):
    """The test runs on SQLite and on PostgreSQL."""
    test.on_both_stores = True
    return test


def on_postgres(test):
    """The test runs on PostgreSQL only: it is about several nodes."""
    test.on_both_stores = test.not_on_sqlite = True
    return test


def unique(stem):
    """A name that no other test of this run uses."""
    return f"{stem}{next(_numbers)}"


# ---- checks

def shown(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 600 else text[:600] + f"… ({len(text)} characters)"


def equal(seen, expected, what):
    if seen != expected:
        raise Failure(f"{what}: expected {shown(expected)}, saw {shown(seen)}")


def holds(condition, what):
    if not condition:
        raise Failure(what)


def contains(text, part, what):
    if part not in text:
        raise Failure(f"{what}: expected {shown(part)} in {shown(text)}")


def lacks(text, part, what):
    if part in text:
        raise Failure(f"{what}: did not expect {shown(part)} in {shown(text)}")


def ok(answer, status=200):
    """The answer's JSON, when it has this status."""
    if answer.status != status:
        raise Failure(f"{answer.request}: expected {status}, saw {answer.status}: {shown(answer.text)}")
    return answer.json if answer.body and "json" in answer.headers.get("content-type", "") else None


def refused(answer, status, reason, *words):
    """The problem document, when the answer is a refusal for this reason whose detail has these words."""
    if answer.status != status:
        raise Failure(f"{answer.request}: expected the refusal {status} {reason}, saw {answer.status}: {shown(answer.text)}")
    equal(answer.headers.get("content-type"), "application/problem+json", f"{answer.request}: content type of a problem")
    problem = answer.json
    equal(problem.get("reason"), reason, f"{answer.request}: reason ({shown(problem.get('detail'))})")
    detail = problem.get("detail", "")
    holds(len(detail) >= 12 and detail[-1] in ".…", f"{answer.request}: detail is no sentence: {shown(detail)}")
    equal(problem.get("instance"), answer.headers.get("x-request-id"), f"{answer.request}: instance is the request id")
    for word in words:
        contains(detail, word, f"{answer.request}: detail")
    return problem


def pointers(problem):
    return [error["pointer"] for error in problem["errors"]]


def until(what, condition, seconds=30, every=0.05):
    """What condition() gives once it is true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"after {seconds} s still not: {what}")
        time.sleep(every)


# ---- HTTP

class Answer:
    def __init__(self, request, response, body):
        self.request = request
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.cookies = response.headers.get_all("Set-Cookie") or []
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failure(f"{self.request}: no JSON in the answer {self.status}: {shown(self.text)}") from None


class Client:
    """One person or program that talks to a server. A connection for each request, so a restart does not matter."""

    def __init__(self, host, port):
        self.host = host
        self.port = port
        self.cookie = None
        self.csrf = None
        self.bearer = None
        self.user = None

    def call(self, method, path, body=None, headers=None, timeout=60):
        given = dict(headers or {})
        names = {name.lower() for name in given}
        if self.cookie and "cookie" not in names:
            given["Cookie"] = self.cookie
        if self.csrf and method != "GET" and "x-sluice-csrf" not in names:
            given["X-Sluice-CSRF"] = self.csrf
        if self.bearer and "authorization" not in names:
            given["Authorization"] = "Bearer " + self.bearer
        if body is not None and not isinstance(body, (bytes, str)) and not hasattr(body, "read"):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None and "content-type" not in names:
            given["Content-Type"] = "application/json"
        given = {name: value for name, value in given.items() if value is not None}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path if path.startswith("/") else "/api/v1/" + path, body, given)
            response = connection.getresponse()
            return Answer(f"{method} {path}", response, response.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.call("GET", path, headers=_with_dashes(headers))

    def post(self, path, body=None, **headers):
        return self.call("POST", path, {} if body is None else body, _with_dashes(headers))

    def patch(self, path, body, version=None, **headers):
        return self.call("PATCH", path, body, _with_dashes(headers) | match(version))

    def delete(self, path, version=None, **headers):
        return self.call("DELETE", path, headers=_with_dashes(headers) | match(version))

    def sign_in(self, email, password):
        answer = self.post("session", {"email": email, "password": password})
        if answer.status == 200:
            self.cookie = answer.cookies[0].split(";")[0]
            self.csrf = answer.json["csrf"]
            self.user = answer.json["user"]
        return answer

    def all(self, path, **query):
        """Every item of a list, over all its pages."""
        items = []
        cursor = None
        while True:
            asked = dict(query) | ({"cursor": cursor} if cursor else {})
            page = ok(self.get(path + "?" + urllib.parse.urlencode(asked)))
            items += page["items"]
            cursor = page["next_cursor"]
            if not cursor:
                return items


def match(version):
    return {} if version is None else {"If-Match": f'"{version}"'}


def _with_dashes(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


class Events:
    """The stream of changes, read in the background of a test."""

    def __init__(self, client, last_event_id=None):
        headers = {"Accept": "text/event-stream"}
        if client.cookie:
            headers["Cookie"] = client.cookie
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self.connection = http.client.HTTPConnection(client.host, client.port, timeout=30)
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.response = self.connection.getresponse()
        equal(self.response.status, 200, "GET events")
        self.bytes = b""

    def read_until(self, wanted, seconds=20):
        """All bytes so far, once `wanted` is among them."""
        end = time.monotonic() + seconds
        self.connection.sock.settimeout(1)
        while wanted not in self.bytes:
            holds(time.monotonic() < end, f"events: {wanted!r} did not come; saw {shown(self.bytes)}")
            try:
                self.bytes += self.response.read1(65536)
            except socket.timeout:
                pass
        return self.bytes

    def close(self):
        self.connection.close()
