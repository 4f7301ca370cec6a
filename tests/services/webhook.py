"""A web service of the house, as connectors/http_webhook/help.md tells people to write one."""

import hashlib
import hmac
import time

from service import Refused, Reply, Service


class Webhook(Service):
    identifier = "mail"
    limit = {}

    def __init__(self):
        super().__init__()
        self.rows = {}                   # identifier -> row
        self.refuses = set()             # identifiers that it names as rejected
        self.authorization = None        # what it demands besides the signature
        self.batches = set()             # ids that it has done
        self.repeated = 0                # batches that came again

    def members(self):
        return set(self.rows)

    def answer(self, request):
        if not request.match("POST", "/hook"):
            raise Refused(404, {"error": "no such address"}, complaint=f"{request.method} {request.path}")
        if not self._is_genuine(request.headers.get("x-sluice-signature", ""), request.body):
            raise Refused(401, {"error": "The signature is wrong."})
        if request.headers.get("authorization") != self.authorization:
            raise Refused(403, {"error": "The Authorization header is wrong."})
        body = request.json
        if set(body) != {"operation", "run_id", "batch_id", "audience", "rows"} or len(body["rows"]) > 500:
            raise Refused(400, {"error": "members"}, complaint=f"a body with {sorted(body)} and {len(body.get('rows', []))} rows")
        if body["operation"] == "verify":
            return Reply({})
        if body["batch_id"] != request.headers.get("idempotency-key"):
            self.complain("an Idempotency-Key that is not the batch's id")
        self.repeated += body["batch_id"] in self.batches
        self.batches.add(body["batch_id"])
        return self._take(body)

    def _is_genuine(self, header, body):
        parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
        if "t" not in parts or abs(time.time() - int(parts["t"])) > 300:
            return False
        wanted = hmac.new(self.credentials.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, parts.get("v1", ""))

    def _take(self, body):
        rejected = []
        for place, row in enumerate(body["rows"]):
            key = row.get(self.identifier)
            if body["operation"] == "remove":
                if set(row) != {self.identifier}:
                    self.complain(f"a removed row with {row}")
                self.rows.pop(key, None)
            elif key in self.refuses:
                rejected.append({"row": place, "reason": "no_consent", "detail": f"{key} did not agree."})
            else:
                self.rows[key] = row
        return Reply({"rejected": rejected} if rejected else {})
