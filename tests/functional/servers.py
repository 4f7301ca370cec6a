"""Processes that tests talk to: the binary itself, a PostgreSQL cluster, OpenSSH servers, and a host that only listens."""

import base64
import contextlib
import email
import email.policy
import http.server
import json
import os
import pathlib
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from harness import Client, Failure, Skipped, ok

ROLES = ("administrator", "contributor", "viewer")
SUPPORT = pathlib.Path(__file__).resolve().parent.parent / "support"
POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
SANITIZER = re.compile(r"AddressSanitizer|ThreadSanitizer|LeakSanitizer|runtime error:|assertion failed|terminate called", re.I)


class Server:
    """One data folder, and the process that serves it."""

    def __init__(self, binary, folder, store=None, options=(), environment=None):
        self.binary = str(binary)
        self.data = pathlib.Path(folder)
        self.store = store
        self.options = list(options)
        self.environment = {"SLUICE_EGRESS_ALLOW": "127.0.0.1", "SLUICE_LOG": "json", "SLUICE_RETRY_DELAYS": "none"} | (environment or {})
        self.log_path = self.data.parent / (self.data.name + ".log")
        self.process = None
        self.status = None
        self.ready_seconds = None
        self.host = self.port = None
        self.passwords = {}
        self._clients = {}

    def _command(self, *words):
        command = [self.binary, *words, "--data", str(self.data)]
        return command + (["--store", self.store] if self.store else [])

    def _environment(self):
        return {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")} | self.environment

    def cli(self, *words, text=None):
        """A command on the data folder; gives the finished process."""
        return subprocess.run(self._command(*words), input=text, capture_output=True, text=True, env=self._environment(), timeout=120)

    def add_user(self, email, role, password):
        done = self.cli("user", "add", "--email", email, "--role", role, "--password-stdin", text=password + "\n")
        if done.returncode != 0:
            raise Failure(f"user add {email}: status {done.returncode}: {done.stderr}")

    def try_start(self):
        """The process, which may end before it serves."""
        started = time.monotonic()
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self._command("serve", "--listen", "127.0.0.1:0", *self.options), stdout=subprocess.PIPE,
                                        stderr=log, env=self._environment(), text=True)
        log.close()
        line = self.process.stdout.readline()
        self.ready_seconds = time.monotonic() - started
        found = re.search(r"serving on http://([^:]+):(\d+)", line)
        if not found:
            self.status = self.process.wait(10)
            self.process.stdout.close()
            self.process = None
            return False
        self.host, self.port = found.group(1), int(found.group(2))
        for client in self._clients.values():
            client.port = self.port
        return True

    def start(self):
        if not self.try_start():
            raise Failure(f"serve ended with {self.status}: {self.log()[-2000:]}")
        return self

    def start_with_people(self):
        """Started, with a user of each role; the other two are added over REST, which is quicker than the command line."""
        self.passwords["administrator"] = secrets.token_urlsafe(12)
        self.add_user("administrator@example.com", "administrator", self.passwords["administrator"])
        self.start()
        for role in ROLES[1:]:
            self.passwords[role] = secrets.token_urlsafe(12)
            ok(self.client("administrator").post("users", {"email": role + "@example.com", "display_name": role.title() + " One",
                                                          "role": role, "password": self.passwords[role]}), 201)
        return self

    def anonymous(self):
        return Client(self.host, self.port)

    def client(self, role):
        """Signed in once with this role, and shared."""
        if role not in self._clients:
            self._clients[role] = self.new_client(role)
        return self._clients[role]

    def new_client(self, role):
        client = self.anonymous()
        ok(client.sign_in(role + "@example.com", self.passwords[role]))
        return client

    @property
    def admin(self):
        return self.client("administrator")

    @property
    def contributor(self):
        return self.client("contributor")

    @property
    def viewer(self):
        return self.client("viewer")

    @property
    def exports(self):
        """Below it are the folders of folder connections."""
        return self.data / "exports"

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def stop(self):
        """Ends it as an operator would; an unclean end is a fault."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            status = self.process.wait()
        self.process.stdout.close()
        self.process = None
        if status != 0:
            raise Failure(f"the server ended with status {status}: {self.log()[-1500:]}")

    def faults(self):
        """What went wrong without an answer telling it."""
        found = [line for line in self.log().splitlines() if SANITIZER.search(line)]
        if self.process is not None and self.process.poll() is not None:
            found.append(f"the server ended by itself with status {self.process.returncode}: {self.log()[-1500:]}")
        return found

    def resident_megabytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024


class Postgres:
    """One throw-away cluster; each server gets a database of it."""

    def __init__(self, folder):
        if not (POSTGRES / "initdb").exists():
            raise Skipped("PostgreSQL is not installed")
        self.folder = pathlib.Path(folder)
        self.user = "postgres" if os.geteuid() == 0 else None
        self.name = self.user or pwd.getpwuid(os.geteuid()).pw_name
        self.count = 0
        if self.user:
            os.chmod(self.folder, 0o755)
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "-o", options, "start")

    def _run(self, program, *words):
        done = subprocess.run([str(POSTGRES / program), *words], user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True)
        if done.returncode != 0:
            raise Failure(f"{program}: {done.stderr}")

    def database(self):
        self.count += 1
        name = f"sluice{self.count}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.name, name)
        return f"postgresql://{self.name}@127.0.0.1:{self.port}/{name}"

    def query(self, database, sql):
        """The rows of a query, as lists of text."""
        done = subprocess.run([str(POSTGRES / "psql"), database, "-At", "-F", "\x1f", "-c", sql], capture_output=True, text=True, check=True)
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def stop(self):
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")


class Sshd:
    """A real OpenSSH server with an account of its own."""

    def __init__(self, *options):
        if os.geteuid() != 0 or not os.path.exists("/usr/sbin/sshd"):
            raise Skipped("an OpenSSH server needs root and openssh-server")
        self.process = subprocess.Popen([sys.executable, str(SUPPORT / "sshd.py"), *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise Failure("sshd did not start: " + self.process.stderr.read())
        told = json.loads(line)
        self.host, self.port, self.user, self.password = told["host"], told["port"], told["user"], told["password"]
        self.folder = pathlib.Path(told["folder"])
        self.host_key, self.host_keys = told["host_key"], told["host_keys"]
        self.private_keys = {name: pathlib.Path(path).read_text() for name, path in told["private_keys"].items()}
        self.passphrase = told["passphrase"]
        self.log_path = pathlib.Path(told["log"])
        self.pid = told["pid"]

    def log(self):
        return self.log_path.read_text(errors="replace")

    def _processes(self):
        """The server and everything below it, parents first."""
        tree = [self.pid]
        for pid in tree:
            try:
                tree += [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            except OSError:
                pass
        return tree

    def _signal(self, number, pids=None):
        for pid in pids or self._processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def drop_sessions(self):
        """Ends every session, as a network that breaks would; new ones are welcome."""
        self._signal(signal.SIGKILL, self._processes()[:0:-1])

    @contextlib.contextmanager
    def frozen(self):
        """It accepts connections and answers nothing."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    @contextlib.contextmanager
    def throttled(self, once):
        """From the moment that once() is true, the sessions there are then work a quarter of the time."""
        done = threading.Event()

        def throttle():
            while not once() and not done.is_set():
                time.sleep(0.001)
            sessions = self._processes()[1:]
            while sessions and not done.is_set():
                self._signal(signal.SIGSTOP, sessions)
                time.sleep(0.03)
                self._signal(signal.SIGCONT, sessions)
                time.sleep(0.01)
        thread = threading.Thread(target=throttle)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def own(self, path):
        """Gives a file or folder made by the test to the account."""
        shutil.chown(path, self.user)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()


class Listener:
    """A host that accepts and, after a greeting, only listens; proves what was sent to it."""

    def __init__(self, greeting=b""):
        self.received = b""
        self.accepted = 0
        self._greeting = greeting
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(peer)
            threading.Thread(target=self._read, args=(peer,), daemon=True).start()

    def _read(self, peer):
        try:
            peer.sendall(self._greeting)
            while True:
                piece = peer.recv(65536)
                if not piece:
                    return
                self.received += piece
        except OSError:
            pass

    def stop(self):
        self._socket.close()
        for peer in self._open:
            peer.close()


class Smtpd:
    """A mail server; stop() and start() keep its port, its certificate and what it took."""

    def __init__(self, folder, security="starttls", user=None, password=None, mechanism="PLAIN"):
        self.folder = pathlib.Path(folder)
        self.certificate = self.folder / "certificate.pem"
        self.security, self.user, self.password = security, user, password
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate)],
                       check=True, capture_output=True)
        self.port = 0
        self._words = ["--security", security, "--certificate", str(self.certificate), "--key", str(self.folder / "key.pem"), "--out",
                       str(self.folder / "mails"), "--mechanism", mechanism] + (["--user", user, "--password", password] if user else [])
        self.process = None
        self.start()

    def start(self):
        # Debian's Python, because aiosmtpd is a package of Debian.
        self.process = subprocess.Popen(["/usr/bin/python3", str(SUPPORT / "smtpd.py"), "--port", str(self.port), *self._words],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise Failure("smtpd did not start: " + self.process.stderr.read())
        self.port = json.loads(line)["port"]

    def stop(self):
        if self.process is None:
            return
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        self.process = None

    def mails(self):
        """What was taken: [{from, to, tls, user, message}], the message parsed."""
        path = self.folder / "mails"
        told = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [one | {"message": email.message_from_bytes(base64.b64decode(one["content"]), policy=email.policy.default)} for one in told]

    def settings(self, **members):
        """For PUT notice-settings."""
        mail = {"is_on": True, "host": "127.0.0.1", "port": self.port, "security": self.security, "username": self.user or "",
                "from": "sluice@example.com"} | ({"password": {"set": self.password}} if self.password else {})
        return mail | members


class Hook:
    """A host that takes posts, and answers them with the statuses it is told to, the last of them for ever."""

    def __init__(self, *statuses, location=None):
        self.posts = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = statuses[min(len(hook.posts), len(statuses) - 1)] if statuses else 204
                hook.posts.append({"path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}, "body": body})
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook?team=a"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def temporary_folder():
    folder = tempfile.mkdtemp(prefix="sluice-functional-")
    os.chmod(folder, 0o755)
    return pathlib.Path(folder)
