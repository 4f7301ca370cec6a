"""A mail server for tests: keeps what it takes as JSON lines in a file. Prints one JSON line with its port, then serves until
standard input ends. Runs under Debian's Python, to which python3-aiosmtpd belongs."""

import argparse
import base64
import json
import socket
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Keep:
    def __init__(self, path):
        self.path = path

    async def handle_DATA(self, server, session, envelope):
        with open(self.path, "a") as out:
            out.write(json.dumps({"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": base64.b64encode(envelope.content).decode(),
                                  "tls": session.ssl is not None, "user": (session.auth_data or b"").decode()}) + "\n")
        return "250 OK"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--security", choices=["none", "starttls", "tls"], required=True)
    p.add_argument("--certificate", required=True)
    p.add_argument("--key", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--user")
    p.add_argument("--password")
    p.add_argument("--mechanism", default="PLAIN")
    opt = p.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(opt.certificate, opt.key)

    def authenticate(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == opt.user.encode() and data.password == opt.password.encode()
        return AuthResult(success=good, auth_data=data.login if good else None, handled=False)

    members = {"auth_exclude_mechanism": [m for m in ("PLAIN", "LOGIN") if m != opt.mechanism]}
    if opt.user:
        # aiosmtpd does not know that an implicit TLS connection is one.
        members |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": opt.security == "starttls"}
    if opt.security == "starttls":
        members |= {"tls_context": context, "require_starttls": True}
    controller = Controller(Keep(opt.out), hostname="127.0.0.1", port=opt.port, ssl_context=context if opt.security == "tls" else None,
                            server_kwargs=members)
    # A port of one's own choice is only known once it is bound.
    if opt.port == 0:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            controller.port = probe.getsockname()[1]
    controller.start()
    print(json.dumps({"port": controller.port}), flush=True)
    sys.stdin.read()
    controller.stop()


main()
