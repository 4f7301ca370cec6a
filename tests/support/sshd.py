#!/usr/bin/env python3
"""A throw-away OpenSSH server on 127.0.0.1, for tests and browser journeys.

    python3 tests/support/sshd.py                         # password and private key
    python3 tests/support/sshd.py --kbdint --no-password  # asks for the password instead of taking it
    python3 tests/support/sshd.py --help

Prints one line of JSON when it listens: host, port, user, password, folder (where the user lands), host_key (SHA256:…),
host_keys (by kind), private_key (path; --keys all: more in private_keys), passphrase, log (path of the server's log).
It runs until standard input ends, so it never outlives whoever started it with a pipe; then the server, the account and the
folder are removed. Needs root: password sign-in only works with a real account.
"""

import argparse
import ctypes
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SSHD = "/usr/sbin/sshd"
PREFIX = "slt"  # accounts are slt<pid>


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--port", type=int, default=0, help="0: any free one")
    p.add_argument("--password", default="p!@8sword", help="of the account")
    p.add_argument("--no-password", action="store_true", help="does not take a password")
    p.add_argument("--no-public-key", action="store_true", help="does not take a private key")
    p.add_argument("--kbdint", action="store_true", help="asks for the password (keyboard-interactive, PAM)")
    p.add_argument("--methods", default="", help="AuthenticationMethods, such as publickey,password")
    p.add_argument("--host-keys", default="ed25519", help="kinds the server owns, such as ed25519,ecdsa,rsa")
    p.add_argument("--keys", choices=["one", "all"], default="one", help="kinds of user keys to make")
    p.add_argument("--sftp-args", default="", help="of internal-sftp: -R read-only, -p and -P requests, -u umask")
    p.add_argument("--option", action="append", default=[], help="a line of sshd_config")
    p.add_argument("--tmpfs", default="", help="the user's folder is a disk of this size: 8m")
    return p.parse_args()


def run(*command, **kwargs):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwargs).stdout


def remove_leftovers():
    """Accounts of tests that were killed."""
    for entry in pwd.getpwall():
        match = re.fullmatch(PREFIX + r"(\d+)", entry.pw_name)
        if match and not os.path.exists("/proc/" + match.group(1)):
            remove_user(entry.pw_name)


def remove_user(name):
    for attempt in range(20):  # refused while a session of the account is still ending, or the lock is taken
        done = subprocess.run(["userdel", name], stderr=subprocess.PIPE, text=True)
        if done.returncode in (0, 6):  # 6: there is no such account
            return
        time.sleep(0.05 * (attempt + 1))
    print("userdel: " + done.stderr, file=sys.stderr)


def add_user(name, home, password):
    for attempt in range(20):  # others may hold the lock of /etc/passwd
        done = subprocess.run(["useradd", "-M", "-N", "-d", home, "-s", "/bin/sh", name], stderr=subprocess.PIPE,
                              text=True)
        if done.returncode == 0:
            break
        time.sleep(0.1 * (attempt + 1))
    else:
        sys.exit("useradd: " + done.stderr)
    subprocess.run(["chpasswd"], input=f"{name}:{password}\n", text=True, check=True)


def keygen(path, kind, *extra, passphrase=""):
    run("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", path, *extra)


def make_user_keys(root, which):
    """Private keys by name; every public one is authorized."""
    kinds = {"ed25519": ("ed25519", [], "")}
    if which == "all":
        kinds |= {
            "ecdsa": ("ecdsa", [], ""), "rsa": ("rsa", ["-b", "2048"], ""),
            "rsa_pem": ("rsa", ["-b", "2048", "-m", "PEM"], ""), "ecdsa_pem": ("ecdsa", ["-m", "PEM"], ""),
            "rsa_pkcs8": ("rsa", ["-b", "2048", "-m", "PKCS8"], ""),
            "ed25519_locked": ("ed25519", ["-a", "4"], "open sesame"),
            "rsa_pem_locked": ("rsa", ["-b", "2048", "-m", "PEM"], "open sesame"),
        }
    keys = {}
    authorized = ""
    for name, (kind, extra, passphrase) in kinds.items():
        path = os.path.join(root, "key_" + name)
        keygen(path, kind, *extra, passphrase=passphrase)
        keys[name] = path
        with open(path + ".pub") as public:
            authorized += public.read()
    with open(os.path.join(root, "authorized_keys"), "w") as out:
        out.write(authorized)
    os.chmod(os.path.join(root, "authorized_keys"), 0o644)
    return keys


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def config(opt, root, port):
    def yes(flag):
        return "yes" if flag else "no"

    lines = [
        f"Port {port}", "ListenAddress 127.0.0.1", f"PidFile {root}/pid", "StrictModes no", "LogLevel DEBUG1",
        f"AuthorizedKeysFile {root}/authorized_keys", f"PasswordAuthentication {yes(not opt.no_password)}",
        f"PubkeyAuthentication {yes(not opt.no_public_key)}", f"KbdInteractiveAuthentication {yes(opt.kbdint)}",
        f"UsePAM {yes(opt.kbdint)}", "PermitRootLogin no", "UseDNS no", "MaxStartups 100:100:200", "PrintMotd no", "PrintLastLog no",
        f"Subsystem sftp internal-sftp {opt.sftp_args}",
    ]
    lines += [f"HostKey {root}/host_{kind}" for kind in opt.host_keys.split(",")]
    if opt.methods:
        lines.append(f"AuthenticationMethods {opt.methods}")
    path = os.path.join(root, "sshd_config")
    with open(path, "w") as out:
        out.write("\n".join(opt.option + lines) + "\n")  # the first line of a kind counts
    return path


def start(opt, root, user, home):
    os.makedirs("/run/sshd", exist_ok=True)
    log = os.path.join(root, "log")
    for _ in range(5):
        port = opt.port or free_port()
        server = subprocess.Popen([SSHD, "-D", "-f", config(opt, root, port), "-E", log], stdin=subprocess.DEVNULL,
                                  preexec_fn=lambda: ctypes.CDLL("libc.so.6").prctl(1, signal.SIGTERM))
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return server, port, log
            if server.poll() is not None:
                break
            time.sleep(0.05)
        server.kill()
    with open(log) as text:
        sys.exit("sshd did not start:\n" + text.read())


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as text:
        return [int(word) for word in text.read().split()]


def stop(server):
    """Sessions go on after their server; they are its children until it ends."""
    tree = [server.pid]
    for pid in tree:
        try:
            tree += children_of(pid)
        except OSError:
            pass
    for pid in tree:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    server.wait()


def main():
    opt = options()
    if os.geteuid() != 0:
        sys.exit("a test server needs root, for an account with a password")
    if not os.path.exists(SSHD):
        sys.exit("openssh-server is not installed")
    remove_leftovers()
    root = tempfile.mkdtemp(prefix="sluice-sshd-")
    os.chmod(root, 0o755)
    home = os.path.join(root, "home")
    user = PREFIX + str(os.getpid())
    os.mkdir(home)
    server = None
    mounted = False
    try:
        for kind in opt.host_keys.split(","):
            keygen(os.path.join(root, "host_" + kind), kind, *(["-b", "2048"] if kind == "rsa" else []))
        keys = make_user_keys(root, opt.keys)
        if opt.tmpfs:
            run("mount", "-t", "tmpfs", "-o", "size=" + opt.tmpfs, "none", home)
            mounted = True
        add_user(user, home, opt.password)
        shutil.chown(home, user)
        os.chmod(home, 0o755)
        server, port, log = start(opt, root, user, home)
        prints = {kind: run("ssh-keygen", "-lf", os.path.join(root, f"host_{kind}.pub")).split()[1]
                  for kind in opt.host_keys.split(",")}
        print(json.dumps({"host": "127.0.0.1", "port": port, "user": user, "password": opt.password, "folder": home, "log": log,
                          "host_key": next(iter(prints.values())), "host_keys": prints, "private_key": keys["ed25519"],
                          "private_keys": keys, "passphrase": "open sesame", "pid": server.pid}), flush=True)
        for ended in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(ended, lambda *_: sys.exit(0))
        while os.read(0, 4096):
            pass
    finally:
        for ended in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(ended, signal.SIG_IGN)
        if server is not None:
            stop(server)
        if mounted:
            subprocess.run(["umount", "-l", home])
        remove_user(user)
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
