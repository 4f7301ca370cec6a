"""Diagnostics events: what systems outside are told, as files and as syslog."""

import datetime
import json
import pathlib
import re
import socket
import threading
import time

from harness import contains, equal, holds, lacks, ok, refused, unique, until
from test_metrics import one, read
from things import deliver, import_customers, make_export, make_folder, make_segment, make_sftp, rule, start, wait_run

API = {"time", "resourceId", "operationName", "category", "resultType", "resultSignature", "durationMs", "callerIpAddress", "identity", "properties", "level",
       "uri"}
API_PROPERTIES = {"eventType", "userAgent", "method", "path", "origin", "operationStatus", "tenantId", "tenantName", "callerObjectId", "instanceId"}
WORKFLOW_PROPERTIES = {"workflowJobId", "operationType", "tasksCount", "submittedBy", "workflowType", "workflowSubmissionKind", "workflowStatus",
                       "startTimestamp", "endTimestamp", "submittedTimestamp", "instanceId", "identifier", "friendlyName", "error"}
LAYOUT = re.compile(r"insight-logs-(audit|operational)/y=(\d{4})/m=(\d\d)/d=(\d\d)/h=(\d\d)/m=00/PT1H\.json")


def events_in(folder):
    """Every event, with the container that holds it."""
    found = []
    for path in sorted(pathlib.Path(folder).rglob("*.json")):
        place = LAYOUT.fullmatch(str(path.relative_to(folder)))
        holds(place, f"the layout of the files: {path}")
        for line in path.read_text().splitlines():
            event = json.loads(line)
            equal(event["category"].lower(), place.group(1), "the container of the category")
            equal(event["time"][:13], "-".join(place.groups()[1:4]) + "T" + place.group(5), "the file of the hour")
            found.append(event)
    return found


def workflow(events, **wanted):
    """(name, resultType) of the workflow events whose properties are these, in order."""
    return [(e["operationName"], e["resultType"]) for e in events
            if e["properties"]["eventType"] == "WorkflowEvent" and all(e["properties"].get(k) == v for k, v in wanted.items())]


def after(folder, condition):
    """The events once they fulfil the condition."""
    return until("the events are written", lambda: (lambda events: events if condition(events) else None)(events_in(folder)))


def test_calls_of_the_api(make_server, folder):
    """SYS-34, SYS-35, SYS-36, SYS-37, SYS-38, SYS-45: each call of the API is an event, changes in the audit container, the rest in the operational one; no secrets, bodies or searches"""
    server = make_server(environment={"SLUICE_DIAGNOSTICS_FOLDER": str(folder), "SLUICE_ENVIRONMENT_NAME": "Åse's"})
    made = make_folder(server.admin, display_name="A name in a body")
    refused(server.viewer.post("connections", {}, User_Agent="Probe/1.0", Origin="https://elsewhere.example"), 403, "request.forbidden")
    server.anonymous().get("connections?q=Somebody%20Searched")
    server.admin.get("connections?q=Somebody%20Searched", Cookie=server.admin.cookie)
    server.admin.get("/healthz")
    key = ok(server.admin.post("api-keys", {"display_name": "CI", "role": "viewer"}), 201)["token"]
    program = server.anonymous()
    program.bearer = key
    program.get("runs")
    events = after(folder, lambda events: any(e["identity"]["claims"]["amr"] == "api_key" for e in events if "identity" in e))
    calls = [e for e in events if e["properties"]["eventType"] == "ApiEvent"]
    for event in calls:
        equal(set(event), API, "the members of an API event")
        equal(API_PROPERTIES - set(event["properties"]), set(), "its properties")
        equal(event["category"], "Operational" if event["properties"]["method"] == "GET" else "Audit", "the category")
        equal((event["callerIpAddress"], event["properties"]["tenantName"]), ("127.0.0.1", "Åse's"), "from where and what for")
        holds(event["uri"] == f"http://127.0.0.1:{server.port}{event['properties']['path']}" and event["durationMs"] >= 0, f"uri: {event}")
    mine = next(e for e in calls if e["operationName"] == "POST /api/v1/connections" and e["resultType"] == "Success")
    equal((mine["resultSignature"], mine["level"], mine["identity"]["role"], mine["identity"]["requiredRoles"], mine["properties"]["callerObjectId"]),
          ("201", "Informational", "administrator", ["administrator"], server.admin.user["id"]), "a change that was made")
    equal(mine["identity"]["claims"], {"sub": server.admin.user["id"], "amr": "session"}, "claims")
    denied = next(e for e in calls if e["resultSignature"] == "403")
    equal((denied["resultType"], denied["properties"]["operationStatus"], denied["level"], denied["properties"]["userAgent"], denied["properties"]["origin"]),
          ("ClientError", "ClientError", "Warning", "Probe/1.0", "https://elsewhere.example"), "a change that was refused")
    nobody = next(e for e in calls if e["resultSignature"] == "401" and e["operationName"] == "GET /api/v1/connections")
    equal((nobody["identity"]["role"], nobody["properties"]["callerObjectId"]), ("none", None), "nobody")
    equal({e["properties"]["path"] for e in calls if "healthz" in e["uri"]}, set(), "probes are no calls of the API")
    text = "".join(json.dumps(e, ensure_ascii=False) for e in events)
    for secret in ("Somebody", "A name in a body", key, server.admin.cookie.split("=")[1], server.admin.csrf, *server.passwords.values()):
        lacks(text, secret, "what events never hold")
    holds(made["id"] not in text or f"/connections/{made['id']}" in text, "ids only where they were asked for")


def test_runs_and_jobs(make_server, folder):
    """SYS-34, SYS-39, SYS-40, SYS-41, SYS-42: start and end of each run and job, with who, how, when and what came of it; exports with connector, tables and reason, segments with members"""
    server = make_server(environment={"SLUICE_DIAGNOSTICS_FOLDER": str(folder)})
    import_customers(server.contributor)
    segment = make_segment(server.admin, rule("Partner", "equals", "Yes"))
    connection = make_folder(server.admin)
    export = make_export(server.admin, connection, ["Customer", segment["name"]])
    run = deliver(server.admin, export)
    place = server.exports / connection["settings"]["folder"]
    place.rename(place.with_name("kept"))
    place.write_text("in the way")
    failed = wait_run(server.admin, start(server.admin, export))
    job = ok(server.admin.post("refresh"), 202)
    until("the refresh has ended", lambda: ok(server.admin.get("jobs/" + job["id"]))["state"] not in ("queued", "running"))
    events = after(folder, lambda events: ("Refresh.WorkFlowCompleted", "Failure") in workflow(events, workflowJobId=job["id"]))
    equal(workflow(events, workflowJobId=run["id"]),
          [("Export.WorkFlowStarted", "Running"), ("Export.TaskStarted", "Running"), ("Export.TaskCompleted", "Successful"),
           ("Export.WorkFlowCompleted", "Successful")], "a run of its own, each once")
    equal(workflow(events, workflowJobId=failed["id"])[-2:], [("Export.TaskCompleted", "Failure"), ("Export.WorkFlowCompleted", "Failure")], "one that failed")
    whole = [e for e in events if e["properties"].get("workflowJobId") == run["id"]]
    for event in whole:
        equal(WORKFLOW_PROPERTIES - set(event["properties"]), set(), "the properties of a workflow event")
        equal(event["category"], "Operational", "workflow events are operational")
    last = whole[-1]["properties"]
    equal({k: last[k] for k in ("operationType", "tasksCount", "submittedBy", "workflowSubmissionKind", "workflowStatus", "identifier", "friendlyName", "error",
                                "submittedTimestamp", "startTimestamp", "endTimestamp")},
          {"operationType": "Export", "tasksCount": 1, "submittedBy": server.admin.user["id"], "workflowSubmissionKind": "OnDemand",
           "workflowStatus": "succeeded", "identifier": export["id"], "friendlyName": export["display_name"], "error": None,
           "submittedTimestamp": run["queued_at"], "startTimestamp": run["started_at"], "endTimestamp": run["ended_at"]}, "what is told of it")
    equal(whole[-1]["durationMs"], run["duration_ms"], "how long it took")
    equal(last["additionalInfo"], {"Kind": "folder", "AffectedTables": ["Customer", segment["name"]], "MessageCode": ""}, "of an export")
    broken = [e for e in events if e["properties"].get("workflowJobId") == failed["id"]][-1]
    equal((broken["properties"]["error"], broken["properties"]["additionalInfo"]["MessageCode"], broken["level"]),
          (failed["error"]["reason"], failed["error"]["reason"], "Error"), "why it failed")
    of_job = workflow(events, workflowJobId=job["id"])
    equal((of_job[0], of_job[-1]), (("Refresh.WorkFlowStarted", "Running"), ("Refresh.WorkFlowCompleted", "Failure")), "a job holds its tasks")
    tasks = [name for name, _ in of_job if ".Task" in name]
    holds(len(tasks) == len(set(tasks)) and {"Segmentation.TaskCompleted", "Export.TaskCompleted"} <= set(tasks), f"each task once: {of_job}")
    holds(not [name for name, _ in of_job[1:-1] if ".WorkFlow" in name], "tasks of a job are no workflows")
    told = next(e for e in events if e["operationName"] == "Refresh.WorkFlowCompleted")["properties"]
    equal(told["tasksCount"], sum(s["total"] for s in ok(server.admin.get("jobs/" + job["id"]))["stages"]), "the tasks of a job")
    members = [e["properties"]["additionalInfo"]["MemberCount"] for e in events if e["operationName"] == "Segmentation.TaskCompleted"]
    equal(set(members), {segment["members"]}, "of a segment")
    holds([n for n, _ in workflow(events, operationType="Ingestion")], "imports")


def test_a_destination_that_is_gone(make_server, folder):
    """SYS-44: a destination that cannot be reached keeps nobody waiting, shows as unhealthy, and gets what waited when it is back; too much is counted"""
    away = folder / "away"
    away.write_text("no folder")
    server = make_server(environment={"SLUICE_DIAGNOSTICS_FOLDER": str(away), "SLUICE_DIAGNOSTICS_SYSLOG": str(folder / "no-socket")})
    marks = [unique("mark") for _ in range(20)]
    for mark in marks:
        started = time.monotonic()
        server.admin.get("tables/" + mark)
        holds(time.monotonic() - started < 1, "calls are answered at once")
    for destination in ("files", "syslog"):
        until("it shows as unhealthy", lambda: one(read(server.admin), "sluice_diagnostics_healthy", destination=destination) == 0)
    holds(one(read(server.admin), "sluice_diagnostics_waiting_events", destination="files") >= 20, "what waits")
    contains(server.log(), "diagnostics.unreachable", "the log tells it")
    equal(server.log().count("diagnostics.unreachable"), 2, "once for each destination")
    away.unlink()
    events = after(away, lambda events: all(any(e["properties"]["path"].endswith(mark) for e in events) for mark in marks))
    equal(len([e for e in events if marks[0] in e["uri"]]), 1, "once")
    until("it shows as healthy", lambda: one(read(server.admin), "sluice_diagnostics_healthy", destination="files") == 1)

    program = server.anonymous()
    sent = 0
    while not one(read(server.admin), "sluice_diagnostics_dropped_total", destination="syslog"):
        threads = [threading.Thread(target=lambda: [program.get("tables") for _ in range(300)]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sent += 2400
        holds(sent < 20_000, "events beyond what may wait are counted as dropped")
    equal(one(read(server.admin), "sluice_diagnostics_dropped_total", destination="files"), 0, "one destination does not hold up the other")


def test_a_line_that_broke_off(make_server, folder):
    """SYS-44: what a crash left half written does not spoil the next event; what was answered a second before a kill is there"""
    server = make_server(environment={"SLUICE_DIAGNOSTICS_FOLDER": str(folder)})
    ok(server.admin.get("tables"))
    after(folder, lambda events: any(e["operationName"] == "GET /api/v1/tables" for e in events))
    server.admin.get("tables/BeforeTheKill")
    time.sleep(1.5)
    server.kill()
    holds(any("BeforeTheKill" in e["uri"] for e in events_in(folder)), "written within a second or so")
    now = datetime.datetime.now(datetime.timezone.utc)
    current = folder / f"insight-logs-operational/y={now:%Y}/m={now:%m}/d={now:%d}/h={now:%H}/m=00/PT1H.json"
    with open(current, "a") as file:
        file.write('{"time":"half')
    server.start()
    server.admin.get("tables/AfterTheKill")
    until("the event is there", lambda: "AfterTheKill" in current.read_text())
    lines = [line for line in current.read_text().splitlines() if "AfterTheKill" in line]
    json.loads(lines[0])


def test_syslog(make_server, folder):
    """SYS-45, SYS-35: events as RFC 5424 messages, over UDP and to a socket, audit and operational apart"""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    local.bind(str(folder / "log"))
    for receiver, address in ((udp, f"udp://127.0.0.1:{udp.getsockname()[1]}"), (local, str(folder / "log"))):
        receiver.settimeout(20)
        server = make_server(environment={"SLUICE_DIAGNOSTICS_SYSLOG": address})
        server.viewer.get("runs/nonsense")
        seen = set()
        while not {"audit", "operational"} <= seen or "nonsense" not in text:
            text = receiver.recv(65536).decode()
            found = re.fullmatch(r"<(\d+)>1 (\S+) (\S+) sluice (\d+) (audit|operational) - \ufeff(\{.*\})", text)
            holds(found, f"RFC 5424: {text}")
            event = json.loads(found.group(6))
            equal((event["time"], event["category"].lower(), int(found.group(4))), (found.group(2), found.group(5), server.process.pid), "header and event")
            severity = {"Informational": 6, "Warning": 4, "Error": 3}[event["level"]]
            equal(int(found.group(1)), (13 if found.group(5) == "audit" else 16) * 8 + severity, "facility and severity")
            seen.add(found.group(5))
    for bad in ("logs.example:514", "udp://x", "udp://x:0", "tcp://x:514"):
        odd = make_server(people=False, start=False, environment={"SLUICE_DIAGNOSTICS_SYSLOG": bad})
        holds(not odd.try_start(), f"it starts with {bad}")
        contains(odd.log(), "diagnostics_syslog must be", "what the log says")
