"""What every imitated service has in common: a server on a port of its own, what may go wrong, and what was seen.

A service is a class with a method `answer(request)` that gives a Reply or raises Refused. It behaves as the real one is documented
to, keeps what it was given, and refuses what the real one would refuse. Tests reach into it directly: it runs in their process.

    service.fail(429, 2, {"Retry-After": "1"}, on="/lists")   the next two calls to such a path get this instead
    service.drop(1)                the next call is done, and its answer is lost on the way
    service.delay = 0.2            every call takes so long
    service.credentials = "other"  what it lets in
    service.calls                  (method, path, status) of all of them, in order
    service.complaints             what a well-behaved client would not have sent, for a test to hold empty
"""

import http.server
import json
import re
import socket
import threading
import time
import urllib.parse

ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+\.[A-Za-z]{2,}")


class Refused(Exception):
    """An answer that is not a success; `named`: the client did something that no well-behaved one does."""

    def __init__(self, status, body=None, headers=None, complaint=None):
        super().__init__(status)
        self.status, self.body, self.headers, self.complaint = status, body, headers or {}, complaint


class Reply:
    def __init__(self, body=None, status=200, headers=None):
        self.status, self.body, self.headers = status, body, headers or {}


class Request:
    def __init__(self, method, target, headers, body):
        self.target = target
        parts = urllib.parse.urlsplit(target)
        self.method = method
        self.path = urllib.parse.unquote(parts.path)
        self.query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refused(400, {"error": "the body is not JSON"}, complaint="a body that is not JSON") from None

    @property
    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))

    def match(self, method, pattern):
        """The groups of `pattern`, in which {} stands for one part of a path; True when it has none, None when it does not match."""
        if method != self.method:
            return None
        found = re.fullmatch(re.escape(pattern).replace(r"\{\}", "([^/]+)"), self.path)
        return found and (found.groups() or True)


class _Fault:
    def __init__(self, status, times, headers, body, on):
        self.status, self.times, self.headers, self.body, self.on = status, times, headers or {}, body, on


class Service:
    content_type = "application/json"
    limit = {}  # body of a 429 that fail() was given none for

    def __init__(self):
        self.lock = threading.RLock()
        self.credentials = "right-key"
        self.calls = []
        self.complaints = []
        self.delay = 0
        self.witness = None  # sees every call before it is answered
        self.at_once = self.most_at_once = 0
        self._faults = []
        self._open = set()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def serve(self):
                service._serve(self)
            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

            def log_message(self, *words):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # a client that went away

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # ---- what goes wrong

    def fail(self, status, times=1, headers=None, body=None, on=""):
        """The next calls whose path holds `on` get this status; "reset" breaks the connection before anything is done."""
        with self.lock:
            self._faults.append(_Fault(status, times, headers, body, on))

    def drop(self, times=1, on=""):
        """The next calls are done, and the connection breaks instead of an answer."""
        self.fail("drop", times, on=on)

    def heal(self):
        with self.lock:
            self._faults.clear()

    def _take_fault(self, path):
        for fault in self._faults:
            if fault.times > 0 and fault.on in path:
                fault.times -= 1
                return fault
        return None

    # ---- serving

    def _serve(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        request = Request(handler.command, handler.path, handler.headers, handler.rfile.read(length))
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            fault = self._take_fault(request.path)
        try:
            if self.delay:
                time.sleep(self.delay)
            if self.witness:
                self.witness.see(request)
            reply = self._reply(request, fault)
        finally:
            with self.lock:
                self.at_once -= 1
        self._send(handler, reply)

    def _reply(self, request, fault):
        with self.lock:
            if fault is not None and fault.status != "drop":
                reply = None if fault.status == "reset" else Reply(fault.body if fault.body is not None else self.limit, fault.status, fault.headers)
            else:
                try:
                    reply = self.answer(request)
                except Refused as refused:
                    if refused.complaint:
                        self.complaints.append(f"{request.method} {request.path}: {refused.complaint}")
                    reply = Reply(refused.body if refused.body is not None else {}, refused.status, refused.headers)
                if fault is not None:
                    reply = None
            self.calls.append((request.method, request.path, reply.status if reply else fault.status))
        return reply

    def _send(self, handler, reply):
        if reply is None:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        body = b"" if reply.body is None else reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        if body:
            handler.send_header("Content-Type", self.content_type)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        if reply.status != 204:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if reply.status != 204:
            handler.wfile.write(body)

    # ---- for services

    def answer(self, request):
        raise NotImplementedError

    def complain(self, text):
        self.complaints.append(text)

    def calls_of(self, method, part):
        return [call for call in self.calls if call[0] == method and part in call[1]]
