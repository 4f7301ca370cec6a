"""Prism, which serves a published contract and refuses what does not keep to it. It has no memory, so here it is a witness: every
call of a test goes to it as well as to the service that imitates the real one, and only what it says of the call counts.
"""

import http.client
import json
import pathlib
import socket
import subprocess
import threading

CONTRACTS = pathlib.Path(__file__).resolve().parents[1] / "contracts"
SPECS = CONTRACTS.parents[2] / "shared/contracts/specs"
PROGRAM = CONTRACTS / "node_modules/@stoplight/prism-cli/dist/index.js"


def why_not():
    """Why contracts cannot be checked here; empty when they can."""
    if not SPECS.is_dir():
        return "the published contracts are not here"
    return "" if PROGRAM.exists() else "Prism is not installed: npm ci in tests/contracts"


def uncompilable(*specs):
    """What check_schemas.cjs says: its status and its words."""
    done = subprocess.run(["node", str(CONTRACTS / "check_schemas.cjs"), *map(str, specs)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


class Prism:
    def __init__(self, spec, below=""):
        self.below = below               # the part of the service's address that the contract leaves out
        self.refused = []                # (method, path, status, words)
        self.taken = []                  # (method, path)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(["node", str(PROGRAM), "mock", "-h", "127.0.0.1", "-p", str(self.port), str(spec)], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if "Prism is listening" in line:
                break
        else:
            raise RuntimeError("Prism did not start")
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self):
        for _ in self.process.stdout:
            pass

    def see(self, request):
        """A call that the service is about to answer."""
        target = request.target[len(self.below):] if request.target.startswith(self.below) else request.target
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            kept = {name: value for name, value in request.headers.items() if name not in ("host", "connection", "content-length", "accept-encoding")}
            connection.request(request.method, target, request.body or None, kept)
            answer = connection.getresponse()
            words = answer.read().decode("utf-8", "replace")
            # Of what it says, only that about the call: its own answers are made up and sometimes break the contract.
            violations = [one for one in json.loads(answer.headers.get("sl-violations", "[]")) if one["location"][:1] == ["request"]]
        finally:
            connection.close()
        if answer.status >= 400 or violations:
            self.refused.append((request.method, target, answer.status, str(violations or words)[:400]))
        else:
            self.taken.append((request.method, target.split("?")[0]))

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
