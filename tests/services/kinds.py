"""The shipped types that send rows, each with the service that imitates it and what a test needs to use it."""

import hashlib
import uuid

import dataverse
import hubspot
import klaviyo
import mailchimp
import meta
import sendgrid
import webhook

COLUMNS = ["CustomerId", "Email", "First", "Last", "Phone", "Street", "City", "State", "Zip", "Country", "Born", "Gender", "ContactId", "Wanted"]


def contact_id(number):
    return str(uuid.UUID(int=0x4000800000000000 << 16 | number))


def person(number, wanted="yes"):
    return [f"C{number:06d}", f"Person{number}@Example.org", f"First{number}", f"O'Last{number}", f"+45 2345 {number % 10000:04d}", f"Road {number}", "Aarhus N",
            "", "8000", "Denmark", f"19{number % 90 + 10}-03-0{number % 9 + 1}", "f" if number % 2 else "m", contact_id(number), wanted]


def email_of(row):
    return row[1].lower()


class Kind:
    def __init__(self, name, service, settings=None, secrets=None, export=None, mapping=None, key=email_of, members=None, refuse=None, reason=None):
        self.name, self.service = name, service
        self.settings = settings or (lambda s: {})
        self.secrets = secrets
        self.export = export or (lambda s: {})
        self.mapping = mapping
        self.key = key                    # of a row of the table: who it is at the service
        self.members = members            # (service, name of the segment): keys of who is there
        self.refuse = refuse              # (service, row): the service says no to this row from now on
        self.reason = reason              # what is then told of it


def _dynamics(name, refuse, reason):
    return Kind(name, dataverse.Dataverse,
                settings=lambda s: {"server": s.url, "tenant_id": s.tenant, "application_id": s.client_id},
                secrets="client_secret", mapping={"contact_id": "ContactId"}, key=lambda row: row[12],
                members=lambda s, segment: s.members(segment), refuse=refuse, reason=reason)


KINDS = [
    Kind("mailchimp", mailchimp.Mailchimp, secrets="api_key", export=lambda s: {"list_id": "list1", "status_if_new": "subscribed"},
         mapping={"email": "Email", "first_name": "First", "last_name": "Last"}, members=lambda s, segment: s.members("list1", segment),
         refuse=lambda s, row: s.refuses.add(email_of(row)), reason="ERROR_GENERIC"),
    Kind("sendgrid", sendgrid.SendGrid, secrets="api_key", export=lambda s: {"list_id": s.list_id},
         mapping={"email": "Email", "first_name": "First", "city": "City", "postal_code": "Zip", "state": "State"},
         members=lambda s, segment: s.members(), refuse=lambda s, row: s.refuses.add(email_of(row)), reason="job.errored"),
    Kind("hubspot", hubspot.HubSpot, secrets="access_token", mapping={"email": "Email", "first_name": "First", "phone": "Phone", "state": "State"},
         members=lambda s, segment: s.members(segment), refuse=lambda s, row: s.refuses.add(email_of(row)), reason="VALIDATION_ERROR"),
    Kind("klaviyo", klaviyo.Klaviyo, secrets="api_key", export=lambda s: {"list_id": "LIST01"},
         mapping={"email": "Email", "phone": "Phone", "city": "City", "state": "State", "external_id": "CustomerId"},
         members=lambda s, segment: s.members(), refuse=lambda s, row: s.refuses.add(email_of(row)), reason="invalid"),
    Kind("facebook_ads", meta.Meta, settings=lambda s: {"ad_account_id": s.account}, secrets="access_token", export=lambda s: {"key_identifier": "email"},
         mapping={"email": "Email", "first_name": "First", "last_name": "Last", "city": "City", "country": "Country", "gender": "Gender"},
         key=lambda row: hashlib.sha256(email_of(row).encode()).hexdigest(), members=lambda s, segment: s.members(segment)),
    _dynamics("dynamics365_sales", lambda s, row: s.contacts.discard(row[12]), "http.404"),
    _dynamics("dynamics365_marketing", None, None),
    Kind("http_webhook", webhook.Webhook, settings=lambda s: {"address": s.url + "/hook"}, secrets="signing_key", export=lambda s: {"identifier": "mail"},
         mapping={"mail": "Email", "points": "CustomerId"}, key=lambda row: row[1], members=lambda s, segment: s.members(),
         refuse=lambda s, row: s.refuses.add(row[1]), reason="no_consent"),
]


def kind(name):
    return next(one for one in KINDS if one.name == name)
