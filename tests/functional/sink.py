"""A service outside that takes rows: it keeps what arrived by identifier, and can refuse, stall, break off and ask to wait."""

import http.server
import json
import socket
import threading
import time


class Sink:
    def __init__(self, key="email"):
        self.key = key
        self.rows = {}          # identifier -> row, as it stands now
        self.arrivals = []      # every row that was acknowledged, in order
        self.calls = []         # (operation, batch id, number of rows, status)
        self.refuses = set()    # identifiers that make a whole batch fail
        self.statuses = []      # what the next calls get instead: a status, (status, headers), "reset" or "silent"
        self.delay = 0
        self.lock = threading.Lock()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.take(self, json.loads(body))

            def log_message(self, *words):
                pass

            def handle(self):
                try:
                    super().handle()
                except ConnectionError:
                    pass  # a server that was killed says no good-bye

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/rows"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, handler, body):
        if self.delay:
            time.sleep(self.delay)
        with self.lock:
            special = self.statuses.pop(0) if self.statuses else None
            headers = {}
            if isinstance(special, tuple):
                special, headers = special
            rows = body.setdefault("rows", [])
            refused = [row for row in rows if row.get(self.key) in self.refuses]
            status = 200
            if special == "reset":
                handler.connection.shutdown(socket.SHUT_RDWR)
                handler.close_connection = True
                self.calls.append((body["operation"], body["batch_id"], len(body["rows"]), "reset"))
                return
            if isinstance(special, int) and special != 200:
                status = special
            elif refused:
                status = 422
            else:
                for row in body["rows"]:
                    if body["operation"] == "remove":
                        self.rows.pop(row[self.key], None)
                    else:
                        self.rows[row[self.key]] = row
                    self.arrivals.append((body["operation"], row[self.key]))
            self.calls.append((body["operation"], body["batch_id"], len(body["rows"]), status))
        answer = json.dumps({"ok": True, "id": body.get("name", "")} if status == 200 else {"error": "no such address"}).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)

    def sent(self, operation="upsert"):
        return [key for done, key in self.arrivals if done == operation]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
