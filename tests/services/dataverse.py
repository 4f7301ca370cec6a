"""Dynamics 365 (Dataverse Web API): tokens of Entra, marketing lists of Sales, segments of outbound marketing. Knows contacts by id."""

import json
import re
import uuid

from service import Refused, Reply, Service

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Dataverse(Service):
    limit = {"error": {"code": "0x80072322", "message": "Number of requests exceeded the limit of 6000 over time window of 300 seconds."}}
    tenant = "11111111-2222-4333-8444-555555555555"
    client_id = "app-1"
    has_marketing = True

    def __init__(self):
        super().__init__()
        self.contacts = set()            # ids; nothing here may make one
        self.lists = {}                  # id -> {name, members}
        self.segments = {}               # id -> {name, members, status}
        self.tokens = set()
        self.token_lasts = 3600

    def members(self, name):
        both = [*self.lists.values(), *self.segments.values()]
        return set().union(*(one["members"] for one in both if one["name"] == name), set())

    def forget_tokens(self):
        with self.lock:
            self.tokens.clear()

    def _error(self, status, code, message, complaint=None):
        raise Refused(status, {"error": {"code": code, "message": message}}, complaint=complaint)

    def answer(self, request):
        if found := request.match("POST", "/{}/oauth2/v2.0/token"):
            return self._token(found[0], request.form)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            raise Refused(401, None, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        if request.headers.get("odata-version") != "4.0" or request.headers.get("odata-maxversion") != "4.0":
            self._error(400, "0x80060888", "OData-Version", complaint="no OData-Version")
        if request.match("GET", "/api/data/v9.2/WhoAmI") or request.match("GET", "/api/data/v9.0/WhoAmI"):
            return Reply({"UserId": str(uuid.uuid4()), "OrganizationId": str(uuid.uuid4())})
        if request.path.startswith("/api/data/v9.2/"):
            return self._sales(request)
        if request.path.startswith("/api/data/v9.0/msdyncrm_") and self.has_marketing:
            return self._marketing(request)
        self._error(404, "0x8006088a", "Resource not found for the segment.", complaint=None if not self.has_marketing else "no such call")

    def _token(self, tenant, form):
        if tenant != self.tenant:
            raise Refused(400, {"error": "invalid_request", "error_description": f"AADSTS90002: Tenant '{tenant}' not found."})
        if form.get("grant_type") != "client_credentials" or form.get("scope") != self.url + "/.default":
            raise Refused(400, {"error": "invalid_scope"}, complaint=f"a token asked for with {form.get('grant_type')} and {form.get('scope')}")
        if form.get("client_id") != self.client_id or form.get("client_secret") != self.credentials:
            raise Refused(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."})
        token = uuid.uuid4().hex
        self.tokens.add(token)
        return Reply({"token_type": "Bearer", "expires_in": self.token_lasts, "access_token": token})

    # ---- Sales

    def _sales(self, request):
        if request.match("GET", "/api/data/v9.2/lists"):
            return Reply({"value": [{"listid": i, "listname": one["name"]} for i, one in self.lists.items() if self._filtered(request, "listname", one["name"])]})
        if request.match("POST", "/api/data/v9.2/lists"):
            body = request.json
            if body.get("type") is not False or body.get("createdfromcode") != 2 or request.headers.get("prefer") != "return=representation":
                self._error(400, "0x80048d19", "list", complaint=f"a list made of {body}")
            list_id = str(uuid.uuid4())
            self.lists[list_id] = {"name": body["listname"], "members": set()}
            return Reply({"listid": list_id, "listname": body["listname"]}, 201)
        if request.match("POST", "/api/data/v9.2/AddListMembersList"):
            return self._add(request.json)
        if found := request.match("POST", "/api/data/v9.2/lists({})/Microsoft.Dynamics.CRM.RemoveMemberList"):
            self._known([request.json.get("EntityId")])
            self._list(found[0])["members"].discard(request.json["EntityId"])
            return Reply({}, 200)
        self._error(404, "0x8006088a", "Resource not found.", complaint="no such call")

    def _filtered(self, request, column, name):
        found = re.search(column + r" eq '([^']*)'", request.query.get("$filter", ""))
        return found is None or found.group(1) == name

    def _list(self, list_id):
        if list_id not in self.lists:
            self._error(404, "0x80040217", f"Entity 'List' With Id = {list_id} Does Not Exist")
        return self.lists[list_id]

    def _known(self, contacts):
        for one in contacts:
            if not isinstance(one, str) or not GUID.fullmatch(one):
                self._error(400, "0x80048d19", "Error identified in Payload", complaint=f"a contact id {one}")
            if one not in self.contacts:
                self._error(404, "0x80040217", f"Entity 'Contact' With Id = {one} Does Not Exist")

    def _add(self, body):
        right = body.get("List", {}).get("@odata.type") == "Microsoft.Dynamics.CRM.list" and body.get("Members") and all(
            one.get("@odata.type") == "Microsoft.Dynamics.CRM.contact" and set(one) == {"@odata.type", "contactid"} for one in body["Members"])
        if not right:
            self._error(400, "0x80048d19", "Error identified in Payload", complaint=f"AddListMembersList with {str(body)[:200]}")
        members = self._list(body["List"].get("listid"))["members"]
        self._known([one["contactid"] for one in body["Members"]])  # all or nothing
        members |= {one["contactid"] for one in body["Members"]}
        return Reply(None, 204)

    # ---- outbound marketing

    def _marketing(self, request):
        if request.match("GET", "/api/data/v9.0/msdyncrm_segments"):
            return Reply({"value": [{"msdyncrm_segmentid": i, "msdyncrm_segmentname": one["name"]} for i, one in self.segments.items()
                                    if self._filtered(request, "msdyncrm_segmentname", one["name"])]})
        if request.match("POST", "/api/data/v9.0/msdyncrm_segments"):
            body = request.json
            if body.get("msdyncrm_segmenttype") != 192350001 or not body.get("msdyncrm_segmentname"):
                self._error(400, "0x80048d19", "segment", complaint=f"a segment made of {body}")
            segment_id = str(uuid.uuid4())
            self.segments[segment_id] = {"name": body["msdyncrm_segmentname"], "members": set(), "status": body.get("statuscode")}
            return Reply({"msdyncrm_segmentid": segment_id}, 201)
        if request.match("POST", "/api/data/v9.0/msdyncrm_SegmentMembersUpdate"):
            return self._update(request.json)
        self._error(404, "0x8006088a", "Resource not found.", complaint="no such call")

    def _update(self, body):
        segment = self.segments.get(body.get("msdyncrm_segmentid"))
        if segment is None:
            self._error(404, "0x80040217", "msdyncrm_segment With Id Does Not Exist")
        try:
            ids = json.loads(body["msdyncrm_memberids"])
        except (KeyError, TypeError, ValueError):
            ids = None
        if not isinstance(ids, list) or len(ids) > 20_000 or any(not isinstance(one, str) or not GUID.fullmatch(one) for one in ids):
            self._error(400, "0x80040203", "memberids", complaint=f"member ids {str(body)[:200]}")
        there = {one for one in ids if one in self.contacts}  # others are passed over
        if body.get("msdyncrm_operation") == "addByIds":
            segment["members"] |= there
        elif body.get("msdyncrm_operation") == "removeByIds":
            segment["members"] -= there
        else:
            self._error(400, "0x80040203", "operation", complaint=f"the operation {body.get('msdyncrm_operation')}")
        return Reply({}, 200)
