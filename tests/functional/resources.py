"""What a test may ask for by the name of a parameter. Shared things live as long as the run, the others as long as the test.

    server       a server with a user of each role, an imported Customer table, shared by all tests on this store
    make_server  a function that gives a server of one's own; keywords: people, options, environment
    sshd         an OpenSSH server, shared
    make_sshd    a function that gives one of one's own
    make_host    a function that gives a host that only listens
    make_smtpd   a function that gives a mail server; keywords: security, user, password, mechanism
    make_hook    a function that gives a host that takes posts
    folder       an empty folder
    postgres     the cluster, or None on SQLite
    binary       the path of the program
"""

import shutil

import things
from servers import Hook, Listener, Postgres, Server, Smtpd, Sshd, temporary_folder


class Resources:
    """Of a run."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = temporary_folder()
        self.servers = []
        self._count = 0
        self._told = set()
        self._shared = {}
        self._sshd = None
        self._postgres = None

    @property
    def postgres(self):
        if self._postgres is None:
            (self.folder / "postgres").mkdir()
            self._postgres = Postgres(self.folder / "postgres")
        return self._postgres

    @property
    def sshd(self):
        if self._sshd is None:
            self._sshd = Sshd()
        return self._sshd

    def new_server(self, store, **keywords):
        self._count += 1
        address = self.postgres.database() if store == "postgres" else None
        server = Server(self.binary, self.folder / f"data{self._count}", address, **keywords)
        self.servers.append(server)
        return server

    def shared(self, store):
        if store not in self._shared:
            self._shared[store] = self.new_server(store).start_with_people()
            things.import_customers(self._shared[store].contributor)
        return self._shared[store]

    def new_faults(self):
        """Crashes and reports of sanitizers that were not told before."""
        faults = [fault for server in self.servers for fault in server.faults() if fault not in self._told]
        self._told.update(faults)
        return faults

    def close(self):
        """Ends everything; gives the faults that no single test was blamed for."""
        faults = self.new_faults()
        for server in self.servers:
            try:
                server.stop()
            except Exception as failure:
                faults.append(str(failure))
        if self._sshd is not None:
            self._sshd.stop()
        if self._postgres is not None:
            self._postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        return faults


class OfOneTest:
    def __init__(self, resources, store):
        self.resources = resources
        self.store = store
        self._mine = []
        self._folders = []

    def arguments(self, names):
        return {name: getattr(self, "_" + name)() for name in names}

    def _server(self):
        return self.resources.shared(self.store)

    def _make_server(self):
        def make(people=True, start=True, **keywords):
            server = self.resources.new_server(self.store, **keywords)
            self._mine.append(server)
            if not start:
                return server
            return server.start_with_people() if people else server.start()
        return make

    def _database_server(self):
        """A PostgreSQL to deliver to, wherever the server under test keeps its own things."""
        return self.resources.postgres

    def _sshd(self):
        return self.resources.sshd

    def _make_sshd(self):
        def make(*options):
            self._mine.append(Sshd(*options))
            return self._mine[-1]
        return make

    def _make_host(self):
        def make(greeting=b""):
            self._mine.append(Listener(greeting))
            return self._mine[-1]
        return make

    def _make_smtpd(self):
        def make(**keywords):
            self._mine.append(Smtpd(self._folder(), **keywords))
            return self._mine[-1]
        return make

    def _make_hook(self):
        def make(*statuses, **keywords):
            self._mine.append(Hook(*statuses, **keywords))
            return self._mine[-1]
        return make

    def _folder(self):
        self._folders.append(temporary_folder())
        return self._folders[-1]

    def _postgres(self):
        return self.resources.postgres if self.store == "postgres" else None

    def _binary(self):
        return self.resources.binary

    def close(self):
        for one in reversed(self._mine):
            one.stop()
        for folder in self._folders:
            shutil.rmtree(folder, ignore_errors=True)
