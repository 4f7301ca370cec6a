"""What clients depend on: every call with the members it takes and gives, kept in api.golden so that a change shows in review."""

import difflib
import os
import pathlib

from harness import Failure, ok

GOLDEN = pathlib.Path(__file__).with_name("api.golden")


def kind(schema):
    """A schema in a word: text, uuid, integer, [text], {members}, and ? for what may be null."""
    if not schema:
        return "any"
    if "anyOf" in schema:
        inner = [s for s in schema["anyOf"] if s.get("type") != "null"]
        return "|".join(kind(s) for s in inner) + ("?" if len(inner) < len(schema["anyOf"]) else "")
    if "enum" in schema:
        return "/".join(schema["enum"])
    if schema.get("type") == "array":
        return "[" + kind(schema.get("items")) + "]"
    if schema.get("type") == "object":
        if "properties" in schema:
            return members(schema)
        return "{name: " + kind(schema["additionalProperties"]) + "}" if isinstance(schema.get("additionalProperties"), dict) else "{}"
    return schema.get("format") or schema.get("type", "any")


def members(schema):
    required = set(schema.get("required", ()))
    return "{" + ", ".join(name + ("*" if name in required else "") + ": " + kind(part) for name, part in sorted(schema["properties"].items())) + "}"


def contract(document):
    shapes, lines = {}, []

    def named(schema, first):
        """Long shapes are told once, and called after the first call that has them."""
        text = kind(schema)
        return text if len(text) < 60 else shapes.setdefault(text, f"<{first}>")
    for path, calls in sorted(document["paths"].items()):
        for method, call in sorted(calls.items()):
            query = ",".join(p["name"] for p in call.get("parameters", ()) if p["in"] == "query")
            line = f"{method.upper()} {path}" + (f"?{query}" if query else "") + f" ({call['x-permission']})"
            body = call.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                line += " takes " + named(body["schema"], f"body of {method.upper()} {path}")
            for status, answer in sorted(call["responses"].items()):
                content = answer.get("content", {}).get("application/json") if "content" in answer else None
                if status < "300":
                    line += f" gives {status}" + (" " + named(content["schema"], f"answer of {method.upper()} {path}") if content else "")
            lines.append(line)
    return "\n".join(lines + [""] + [f"{name} {text}" for text, name in shapes.items()]) + "\n"


def test_golden_of_the_contract(server):
    """EXP-72: calls, permissions, queries, bodies and answers of the API are those of api.golden"""
    text = contract(ok(server.anonymous().get("openapi.json")))
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    known = GOLDEN.read_text() if GOLDEN.exists() else ""
    if known != text:
        difference = "".join(difflib.unified_diff(known.splitlines(True), text.splitlines(True), "api.golden", "seen", n=0))
        raise Failure("the contract has changed (--update when it should have):\n" + difference[:4000])
