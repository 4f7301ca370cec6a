"""Meta Marketing API v25.0: custom audiences of one ad account, and their users as hashes."""

import re

from service import Refused, Reply, Service

HASHED = {"EMAIL", "PHONE", "GEN", "DOBY", "DOBM", "DOBD", "LN", "FN", "FI", "ST", "CT", "ZIP", "COUNTRY"}
WHO = (("EMAIL",), ("PHONE",), ("FN", "LN", "CT", "ST", "ZIP", "COUNTRY"))
HASH = re.compile(r"[0-9a-f]{64}")


class Meta(Service):
    limit = {"error": {"message": "There have been too many calls to this ad-account.", "type": "OAuthException", "code": 80003, "fbtrace_id": "x"}}
    account = "1234567890"

    def __init__(self):
        super().__init__()
        self.audiences = {}              # id -> {name, subtype, people: key -> {schema key: hash}}
        self.terms_accepted = True
        self._next = 23840000

    def members(self, name):
        """Keys of the people in an audience: a hash, or several joined."""
        return set().union(*(set(one["people"]) for one in self.audiences.values() if one["name"] == name), set())

    def make_audience(self, name, subtype="CUSTOM"):
        with self.lock:
            self._next += 1
            self.audiences[str(self._next)] = {"name": name, "subtype": subtype, "people": {}}
            return str(self._next)

    def _error(self, code, message, status=400, complaint=None, **more):
        raise Refused(status, {"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "x"} | more}, complaint=complaint)

    def answer(self, request):
        if request.headers.get("authorization") != "Bearer " + self.credentials:
            self._error(190, "Invalid OAuth access token - Cannot parse access token", 400)
        path = "/v25.0"
        account = f"{path}/act_{self.account}"
        if request.path.startswith(path + "/act_") and not request.path.startswith(account):
            self._error(100, "Unsupported get request. Object does not exist or cannot be loaded.", error_subcode=33)
        if request.match("GET", account):
            return Reply({"id": "act_" + self.account, "name": "Ads"})
        if request.match("GET", account + "/customaudiences"):
            return Reply({"data": [{"id": i, "name": one["name"]} for i, one in self.audiences.items()][:int(request.query.get("limit", 25))]})
        if request.match("POST", account + "/customaudiences"):
            return self._make(request.json)
        for method in ("POST", "DELETE"):
            if found := request.match(method, path + "/{}/users"):
                return self._users(method, found[0], request.json)
        self._error(100, "Unknown path components", complaint="no such call")

    def _make(self, body):
        if not self.terms_accepted:
            self._error(200, "Permissions error", 403, error_subcode=1870090, error_user_msg="The custom audience terms have not been accepted.")
        if body.get("subtype") != "CUSTOM" or body.get("customer_file_source") != "USER_PROVIDED_ONLY" or not body.get("name"):
            self._error(100, "Invalid parameter", complaint=f"an audience made of {body}")
        return Reply({"id": self.make_audience(body["name"])})

    def _users(self, method, audience_id, body):
        audience = self.audiences.get(audience_id)
        if audience is None:
            self._error(100, "Unsupported post request. Object does not exist.", error_subcode=33)
        if audience["subtype"] != "CUSTOM":
            self._error(100, "Only audiences of the type customer list take users.")
        payload = body.get("payload")
        if not isinstance(payload, dict) or not isinstance(payload.get("schema"), list) or set(payload["schema"]) - HASHED or not payload.get("data"):
            self._error(100, "Invalid parameter", complaint=f"a payload {str(body)[:200]}")
        if len(payload["data"]) > 10_000 or any(len(row) != len(payload["schema"]) for row in payload["data"]):
            self._error(100, "Invalid parameter", complaint="more than 10,000 rows, or rows of another length than the schema")
        invalid = 0
        for row in payload["data"]:
            person = {name: value for name, value in zip(payload["schema"], row) if value != ""}
            if any(not HASH.fullmatch(value) for value in person.values()):
                self.complain(f"a value that is no hash: {person}")
            key = next(("/".join(person[n] for n in names) for names in WHO if all(n in person for n in names)), None)
            if key is None or any(not HASH.fullmatch(value) for value in person.values()):
                invalid += 1
            elif method == "POST":
                audience["people"].setdefault(key, {}).update(person)
            else:
                audience["people"].pop(key, None)
        return Reply({"audience_id": audience_id, "session_id": "1", "num_received": len(payload["data"]), "num_invalid_entries": invalid,
                      "invalid_entry_samples": {}})
