"""Exports of rows into a table of a PostgreSQL database, a real one."""

from harness import contains, equal, lacks, ok, unique
from test_rows import people, put_people
from things import AGREED, make_segment, rule, start, wait_run


def settings(postgres, **changes):
    return {"host": "127.0.0.1", "port": postgres.port, "database": "postgres", "schema": "public", "username": postgres.name, "tls": "off"} | changes


class World:
    """A server with people, and an export of those who are wanted into a table of their own."""

    def __init__(self, make_server, postgres):
        self.postgres = postgres
        self.table = unique("People ").replace(" ", "_")
        self.server = make_server(options=["--egress-allow", "127.0.0.1"])
        self.admin = self.server.admin
        self.people = people(300)
        put_people(self.admin, self.people)
        segment = make_segment(self.admin, rule("Wanted", "equals", "yes"))
        connection = ok(self.admin.post("connections", {"type": "postgresql", "display_name": unique("Database "), "settings": settings(postgres),
                                                        "secrets": {"password": {"set": "not-asked-for-here"}}, "consent": AGREED}), 201)
        self.export = ok(self.admin.post("exports", {
            "display_name": unique("Rows "), "connection_id": connection["id"], "tables": [segment["name"]], "mode": "mirror",
            "mapping": {"id": "CustomerId", "Mail of it": "Email", "name": "FirstName"},
            "settings": {"table": self.table, "identifier": "id", "create_table": True}}), 201)

    @property
    def address(self):
        return f"postgresql://{self.postgres.name}@127.0.0.1:{self.postgres.port}/postgres"

    def run(self, state):
        ended = wait_run(self.admin, start(self.admin, self.export))
        equal(ended["state"], state, f"the run ({ended['error']}, {ended['warnings']})")
        return ended["counts"]

    def query(self, what, more=""):
        return self.postgres.query(self.address, f'SELECT {what} FROM "{self.table}" {more}')


def test_a_table_is_kept_in_step(make_server, database_server):
    """BEY-01, BEY-02: rows are inserted, updated and removed; what nobody mapped and rows of others stay"""
    world = World(make_server, database_server)
    equal(world.run("succeeded")["rows_sent"], 300, "all are new")
    equal(world.query("count(*)"), [["300"]], "rows in the table")
    equal(world.query('"Mail of it", name', "WHERE id = 'C000007'"), [["Person7@Example.org", "Name 7"]], "a row")
    world.postgres.query(world.address,
                         f"ALTER TABLE \"{world.table}\" ADD note text DEFAULT 'ours'; INSERT INTO \"{world.table}\" (id) VALUES ('theirs')")
    equal(world.run("succeeded")["rows_sent"], 0, "nothing changed")
    world.people[1][2] = 'Robert"); DROP TABLE x; --\\.'
    world.people[2][3] = "no"
    put_people(world.admin, world.people + [["C999999", "new@example.org", "", "yes"]], replace=True)
    counts = world.run("succeeded")
    equal((counts["rows_sent"], counts["rows_removed"]), (2, 1), "one changed, one new, one gone")
    equal(world.query("name, note", "WHERE id = 'C000001'"), [[world.people[1][2], "ours"]], "the changed row")
    equal(world.query("count(*)", "WHERE id IN ('C000002', 'C999999', 'theirs')"), [["2"]], "who went, who came, who is not ours")


def test_rows_that_a_table_refuses(make_server, database_server):
    """EXP-71: what a constraint refuses is told by the code of the database, and the others arrive"""
    world = World(make_server, database_server)
    world.postgres.query(world.address,
                         f"CREATE TABLE \"{world.table}\" (id varchar(7) PRIMARY KEY, \"Mail of it\" text, name text CHECK (name <> 'Name 5'))")
    world.people[9][0] = "C0000009999"
    put_people(world.admin, world.people, replace=True)
    counts = world.run("completed_with_errors")
    equal((counts["rows_sent"], counts["rows_rejected"]), (298, 2), "all but two")
    equal(world.query("count(*)"), [["298"]], "rows in the table")


def test_verify_and_faults(make_server, database_server):
    """BEY-07, BEY-09, CON-87: a verification goes step by step; the guard decides; a dry run shows the statements and no secret"""
    world = World(make_server, database_server)
    draft = {"type": "postgresql", "settings": settings(database_server), "secrets": {}}
    steps = ok(world.admin.post("connections/verify", draft))["steps"]
    equal([(step["name"], step["state"]) for step in steps], [(n, "passed") for n in ("resolve", "connect", "sign_in", "permission", "write")], "steps")
    steps = ok(world.admin.post("connections/verify", draft | {"settings": settings(database_server, database="nowhere")}))["steps"]
    equal([step["state"] for step in steps], ["passed", "passed", "failed", "skipped", "skipped"], "a missing database")
    steps = ok(world.admin.post("connections/verify", draft | {"settings": settings(database_server, host="127.0.0.2")}))["steps"]
    contains(steps[1]["detail"], "not a public address", "an address that is not allowed")
    shown = ok(world.admin.post(f"exports/{world.export['id']}/dry-run"))
    contains(str(shown), "ON CONFLICT", "the statements")
    lacks(str(shown), "not-asked-for-here", "the dry run")
    equal(world.postgres.query(world.address, f"SELECT count(*) FROM pg_tables WHERE tablename = '{world.table}'"), [["0"]], "tables made by it")
