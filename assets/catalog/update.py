#!/usr/bin/env python3
"""Brings the facts of the catalog to a new release of Apple's schema, and says what changed.

    git clone --branch release https://github.com/apple/device-management /tmp/schema
    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install pyyaml
    /tmp/venv/bin/python assets/catalog/update.py /tmp/schema --release 27.1 [--dry-run]

Apple's schema is published under the MIT license; APPLE-LICENSE.txt beside this file goes along with the facts. Only
facts are taken: names, types, defaults, allowed values, bounds and systems, and short titles. Sentences stay there.

An entry that did not change keeps its line, release included, so that a diff shows what is new. An entry that the
schema no longer has is kept and named, unless --drop is given. A field of the schema that this tool does not know
stops it: look what it means before facts get lost.
"""

import argparse
import datetime
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Where a file of the schema ends up, by the longest beginning of its path.
SECTIONS = {
    "mdm/profiles/": "profiles",
    "mdm/commands/": "commands",
    "mdm/checkin/": "checkin",
    "mdm/errors/": "errors",
    "declarative/declarations/": "declarations",
    "declarative/status/": "status",
    "declarative/protocol/": "protocol",
    "other/skipkeys.yaml": "skipkeys",
    "other/": "other",
}

# The family of a declaration, by its folder.
FAMILIES = {
    "activations": "activation",
    "assets": "asset",
    "configurations": "configuration",
    "credentials": "credential-data",
    "declarations": "base",
    "management": "management",
}

SYSTEMS = ("iOS", "macOS", "tvOS", "visionOS", "watchOS")

# Apple's name of a field -> ours. None: a sentence, left behind.
SYSTEM = {
    "introduced": "in", "deprecated": "dep", "removed": "rem", "accessrights": "right", "multiple": "multi",
    "devicechannel": "devch", "userchannel": "usrch", "supervised": "sup", "requiresdep": "ade",
    "userapprovedmdm": "uamdm", "allowmanualinstall": "manual", "allowed-enrollments": "enr",
    "allowed-scopes": "scope", "sharedipad": "shared", "userenrollment": "user", "always-skippable": "skip",
    "mode": "mode", "behavior": None, "beta": None,
}
KEY = {
    "key": "k", "type": "t", "title": "n", "presence": "req", "format": "re", "default": "def", "subtype": "sub",
    "assettypes": "assets", "rangelist": "vals", "asset-content-types": "mime", "range": "range",
    "repetition": "rep", "combinetype": "comb", "subkeytype": "tn", "supportedOS": "os", "subkeys": "keys",
    "content": None, "examples": None,
}
DOCUMENT = {
    "title", "description", "payload", "payloadkeys", "responsekeys", "reasons", "related-status-items", "notes",
    "examples",
}
PAYLOAD = {
    "payloadtype", "requesttype", "declarationtype", "statusitemtype", "credentialtype", "supportedOS", "apply",
    "beta", "content",
}
ENTRY_ORDER = ("file", "rel", "n", "type", "apply", "beta", "os", "keys", "resp", "reasons", "status", "kind")
KEY_ORDER = (
    "k", "t", "n", "req", "re", "def", "sub", "assets", "vals", "mime", "range", "rep", "comb", "tn", "os", "ref",
    "keys",
)


class Strange(Exception):
    """Something in the schema that this tool does not know."""


def known(fields, names, where):
    strange = sorted(set(fields) - set(names))
    if strange:
        raise Strange(f"{where}: unknown field {', '.join(strange)}")


# --- from Apple's notation to ours ------------------------------------------------------------------------------


def plain(value, where):
    """A value as JSON has it."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, list):
        return [plain(item, where) for item in value]
    raise Strange(f"{where}: a value of type {type(value).__name__}")


def system(said, where):
    known(said, SYSTEM, where)
    out = {}
    for name, value in said.items():
        ours = SYSTEM[name]
        if ours is None:
            continue
        if ours in ("in", "dep", "rem") and not isinstance(value, str):
            # YAML reads 10.10 without quotes as the number 10.1.
            raise Strange(f"{where}: {name} is {value!r}, and a version is a text")
        if ours in ("shared", "user"):
            value = system(value or {}, where)
            if not value:
                continue
        out[ours] = value
    return out


def systems(said, where):
    known(said, SYSTEMS, where)
    return {name: system(said[name] or {}, f"{where} {name}") for name in SYSTEMS if name in said}


def one_type(text):
    return text.strip("<>")


def key(said, path, above):
    """A key and those below it. `above` are the lists of keys that it stands in, with the path of each owner: a list
    that holds itself is told as `ref`."""
    where = path + "/" + str(said.get("key"))
    known(said, KEY, where)
    out = {"k": str(said["key"]), "t": one_type(said["type"])}
    if said.get("title") and said["title"] != said["key"]:
        out["n"] = said["title"].strip()
    if "presence" in said:
        out["req"] = {"required": 1, "optional": 0}[said["presence"]]
    for name in ("format", "subtype", "combinetype", "subkeytype"):
        if name in said:
            out[KEY[name]] = one_type(said[name]) if name == "subtype" else said[name]
    for name in ("default", "assettypes", "rangelist", "asset-content-types"):
        if name in said:
            out[KEY[name]] = plain(said[name], where)
    for name in ("range", "repetition"):
        if name in said:
            known(said[name], ("min", "max"), where)
            out[KEY[name]] = dict(said[name])
    if said.get("supportedOS"):
        out["os"] = systems(said["supportedOS"], where)
    below = said.get("subkeys")
    if below:
        for owner, listed in above:
            if listed is below:
                out["ref"] = owner
                break
        else:
            out["keys"] = keys(below, where, above + [(where, below)])
    return {name: out[name] for name in KEY_ORDER if name in out}


def keys(said, path="", above=()):
    return [key(each, path, list(above)) for each in said]


def section_of(path):
    found = [begin for begin in SECTIONS if path.startswith(begin)]
    return SECTIONS[max(found, key=len)] if found else None


def entry(document, path, release):
    """A document of Apple's schema, already parsed, as an entry of the facts."""
    known(document, DOCUMENT, path)
    payload = document.get("payload") or {}
    known(payload, PAYLOAD, path)
    stem = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    types = [payload[name] for name in sorted(PAYLOAD) if name.endswith("type") and payload.get(name)]
    out = {"file": path, "rel": release, "n": document["title"].strip(), "type": types[0] if types else stem}
    for name in ("apply", "beta"):
        if name in payload:
            out[name] = payload[name]
    if payload.get("supportedOS"):
        out["os"] = systems(payload["supportedOS"], path)
    if document.get("payloadkeys"):
        out["keys"] = keys(document["payloadkeys"])
    if document.get("responsekeys"):
        out["resp"] = keys(document["responsekeys"])
    if document.get("reasons"):
        out["reasons"] = [reason(each, path) for each in document["reasons"]]
    status = [item for each in document.get("related-status-items") or [] for item in each["status-items"]]
    if status:
        out["status"] = sorted(set(status))
    if section_of(path) == "declarations":
        out["kind"] = FAMILIES[path.rsplit("/", 2)[-2]]
    return {name: out[name] for name in ENTRY_ORDER if name in out}


def reason(said, path):
    known(said, ("value", "description", "details"), path)
    out = {"v": said["value"]}
    if said.get("details"):
        for each in said["details"]:
            known(each, ("key", "description", "type"), path)
        out["keys"] = [{"k": each["key"], "t": one_type(each["type"])} for each in said["details"]]
    return out


# --- what changed -----------------------------------------------------------------------------------------------


def flat(entry_or_none):
    """Address -> key without its children, of request and answer."""
    out = {}

    def walk(listed, before):
        for each in listed:
            address = before + each["k"]
            out.setdefault(address, {name: value for name, value in each.items() if name != "keys"})
            walk(each.get("keys", []), address + "/")

    if entry_or_none:
        walk(entry_or_none.get("keys", []), "")
        walk(entry_or_none.get("resp", []), "answer: ")
    return out


WORDS = {
    "in": "introduced", "dep": "deprecated", "rem": "removed", "right": "access right", "multi": "several on a device",
    "devch": "device channel", "usrch": "user channel", "sup": "needs supervision", "ade": "needs automated enrollment",
    "uamdm": "needs approval", "manual": "by hand", "enr": "enrollments", "scope": "scopes", "shared": "Shared iPad",
    "user": "user enrollment", "skip": "always skippable",
    "t": "type", "n": "title", "req": "required", "re": "pattern", "def": "default", "sub": "sort of text",
    "assets": "asset types", "mime": "asset contents", "range": "range", "rep": "repetition", "comb": "combines by",
    "tn": "name of its type", "ref": "same as", "apply": "several apply", "beta": "beta", "status": "status items",
    "reasons": "error codes", "kind": "family", "type": "type",
}


def show(value):
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)


def system_changes(old, new):
    """Lines about one `os`, old to new."""
    for name in SYSTEMS:
        was, now = old.get(name, {}), new.get(name, {})
        for field in list(SYSTEM.values()):
            if field is None or was.get(field) == now.get(field):
                continue
            if field in ("in", "dep", "rem") and field not in was and now.get(field) != "n/a":
                yield f"{name} {WORDS[field]} in {now[field]}"
            else:
                yield f"{name} {WORDS.get(field, field)}: {show(was.get(field))} -> {show(now.get(field))}"


def field_changes(old, new, skipped):
    for field in sorted((old.keys() | new.keys()) - set(skipped)):
        was, now = old.get(field), new.get(field)
        if was == now:
            continue
        if field == "os":
            yield from system_changes(was or {}, now or {})
        elif field == "vals":
            was, now = was or [], now or []
            yield from (f"value {show(value)} added" for value in now if value not in was)
            yield from (f"value {show(value)} gone" for value in was if value not in now)
            if sorted(map(str, was)) == sorted(map(str, now)):
                yield "values in another order"
        else:
            yield f"{WORDS.get(field, field)}: {show(was)} -> {show(now)}"


def where_in(each):
    found = [f"{name} {said['in']}" for name, said in each.get("os", {}).items() if said.get("in", "n/a") != "n/a"]
    return f" ({', '.join(found)})" if found else ""


def differences(old, new):
    """What happened between two lists of entries, as lines of text: a heading for each payload, then its keys."""
    before = {each["file"]: each for each in old}
    after = {each["file"]: each for each in new}
    lines = []
    for path in sorted(before.keys() | after.keys()):
        was, now = before.get(path), after.get(path)
        if was is None:
            lines.append(f"{now['type']}: new{where_in(now)}, {len(flat(now))} keys [{path}]")
            continue
        if now is None:
            lines.append(f"{was['type']}: gone [{path}]")
            continue
        said = [f"  changed  {change}" for change in field_changes(was, now, ("file", "rel", "keys", "resp"))]
        old_keys, new_keys = flat(was), flat(now)
        for address in [*new_keys, *(address for address in old_keys if address not in new_keys)]:
            if address not in old_keys:
                each = new_keys[address]
                said.append(f"  added    {address} ({each['t']}){where_in(each)}")
            elif address not in new_keys:
                said.append(f"  gone     {address}")
            else:
                changes = field_changes(old_keys[address], new_keys[address], ("k",))
                said += [f"  changed  {address}: {change}" for change in changes]
        if said:
            lines += [f"{now['type']} [{path}]", *said]
    return lines


def merge(old, new, drop):
    """The entries to write: unchanged ones as they were, those that are gone kept unless `drop`."""
    before = {each["file"]: each for each in old}
    after = {each["file"]: each for each in new}
    out = []
    for path in before.keys() | after.keys():
        was, now = before.get(path), after.get(path)
        if now is None:
            out += [] if drop else [was]
        elif was is not None and {**was, "rel": None} == {**now, "rel": None}:
            out.append(was)
        else:
            out.append(now)
    return sorted(out, key=lambda each: (each["type"], each["file"]))


def render(entries):
    lines = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in entries]
    return "[\n" + ",\n".join(lines) + "\n]\n"


# --- files ------------------------------------------------------------------------------------------------------


def load_yaml(path):
    import yaml  # only here: everything else works without it

    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def read_schema(clone, release, load=load_yaml):
    """Section -> entries of a clone of Apple's repository."""
    out = {section: [] for section in SECTIONS.values()}
    for folder, _, names in sorted(os.walk(clone)):
        for name in sorted(names):
            path = os.path.relpath(os.path.join(folder, name), clone).replace(os.sep, "/")
            section = section_of(path) if name.endswith(".yaml") else None
            if section:
                out[section].append(entry(load(os.path.join(folder, name)), path, release))
    return out


def main(arguments=None, load=load_yaml, say=print):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("clone", help="a clone of github.com/apple/device-management")
    parser.add_argument("--release", required=True, help="what the schema calls itself, as 27.1")
    parser.add_argument("--facts", default=HERE, help="the folder of the facts")
    parser.add_argument("--drop", action="store_true", help="forget entries that the schema no longer has")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
    options = parser.parse_args(arguments)
    try:
        schema = read_schema(options.clone, options.release, load)
    except Strange as strange:
        say(f"stopped: {strange}")
        return 1
    if not any(schema.values()):
        say("stopped: no schema in this folder")
        return 1
    for section, new in schema.items():
        path = os.path.join(options.facts, section + ".json")
        with open(path, encoding="utf-8") as file:
            old = json.load(file)
        for line in differences(old, new):
            say(line)
        if not options.dry_run:
            with open(path, "w", encoding="utf-8") as file:
                file.write(render(merge(old, new, options.drop)))
    with open(os.path.join(options.facts, "groups.json"), encoding="utf-8") as file:
        shelved = {payload["file"] for group in json.load(file)["categories"] for payload in group["payloads"]}
    for each in schema["profiles"]:
        stem = each["file"].rsplit("/", 1)[-1].removesuffix(".yaml")
        if stem not in shelved:
            say(f"{each['type']}: on no shelf of groups.json yet [{each['file']}]")
    return 0


if __name__ == "__main__":
    sys.exit(main())
