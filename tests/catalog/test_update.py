"""The import of a new schema: facts are kept, sentences are not, changes are told."""

import copy
import importlib.util
import json
import os
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FACTS = os.path.join(ROOT, "assets", "catalog")
SPEC = importlib.util.spec_from_file_location("update", os.path.join(FACTS, "update.py"))
update = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(update)

try:
    import yaml
except ImportError:
    yaml = None

SENTENCE = "A sentence that must not arrive."
THEIRS = {ours: theirs for theirs, ours in update.SYSTEM.items() if ours}
TYPE_FIELDS = {
    "profiles": "payloadtype", "commands": "requesttype", "checkin": "requesttype", "declarations": "declarationtype",
    "status": "statusitemtype", "errors": None,
}


def facts(section):
    with open(os.path.join(FACTS, section + ".json"), encoding="utf-8") as file:
        return json.load(file)


def their_system(ours):
    out = {}
    for name, value in ours.items():
        out[THEIRS[name]] = their_system(value) if isinstance(value, dict) else value
    return out


def their_keys(ours, path, lists):
    """Keys in Apple's notation; recursion becomes a list that holds itself."""
    out = []
    lists[path] = out
    for each in ours:
        where = f"{path}/{each['k']}"
        theirs = {"key": each["k"], "type": f"<{each['t']}>", "content": SENTENCE}
        for name, field in update.KEY.items():
            if field in each and field not in ("k", "t", "req", "os", "keys", "sub"):
                theirs[name] = each[field]
        if "req" in each:
            theirs["presence"] = "required" if each["req"] else "optional"
        if "sub" in each:
            theirs["subtype"] = f"<{each['sub']}>"
        if "os" in each:
            theirs["supportedOS"] = {name: their_system(said) for name, said in each["os"].items()}
        if "keys" in each:
            theirs["subkeys"] = their_keys(each["keys"], where, lists)
        if "ref" in each:
            theirs["subkeys"] = lists[each["ref"]]
        out.append(theirs)
    return out


def their_document(section, ours):
    payload = {"content": SENTENCE}
    stem = ours["file"].rsplit("/", 1)[-1].removesuffix(".yaml")
    if ours["type"] != stem:
        payload[TYPE_FIELDS.get(section) or "payloadtype"] = ours["type"]
    for name in ("apply", "beta"):
        if name in ours:
            payload[name] = ours[name]
    if "os" in ours:
        payload["supportedOS"] = {name: their_system(said) for name, said in ours["os"].items()}
    out = {"title": ours["n"], "description": SENTENCE, "payload": payload, "notes": [{"content": SENTENCE}]}
    for name, field in (("payloadkeys", "keys"), ("responsekeys", "resp")):
        if field in ours:
            out[name] = their_keys(ours[field], "", {})
    if "reasons" in ours:
        out["reasons"] = [
            {
                "value": each["v"], "description": SENTENCE,
                "details": [
                    {"key": detail["k"], "type": f"<{detail['t']}>", "description": SENTENCE}
                    for detail in each.get("keys", [])
                ],
            }
            for each in ours["reasons"]
        ]
    if "status" in ours:
        out["related-status-items"] = [{"status-items": ours["status"], "note": SENTENCE}]
    return out


class Import(unittest.TestCase):
    def test_every_fact_survives_apples_notation_and_no_sentence_does(self):
        count = 0
        for section in sorted(set(update.SECTIONS.values())):
            for ours in facts(section):
                with self.subTest(ours["file"]):
                    back = update.entry(their_document(section, ours), ours["file"], ours["rel"])
                    self.assertEqual(back, ours)
                    self.assertNotIn(SENTENCE, json.dumps(back))
                    count += 1
        self.assertGreaterEqual(count, 345)

    def test_the_facts_stand_as_the_tool_writes_them(self):
        for section in sorted(set(update.SECTIONS.values())):
            with open(os.path.join(FACTS, section + ".json"), encoding="utf-8") as file:
                text = file.read()
            self.assertEqual(update.render(update.merge(json.loads(text), [], False)), text, section)

    def test_what_the_tool_does_not_know_stops_it(self):
        document = {"title": "T", "payload": {}, "payloadkeys": [{"key": "K", "type": "<string>", "novelty": 1}]}
        with self.assertRaisesRegex(update.Strange, "novelty"):
            update.entry(document, "mdm/profiles/x.yaml", "1")
        document = {"title": "T", "payload": {"supportedOS": {"macOS": {"introduced": 10.1}}}}
        with self.assertRaisesRegex(update.Strange, "version"):
            update.entry(document, "mdm/profiles/x.yaml", "1")

    @unittest.skipUnless(yaml, "PyYAML is not installed")
    def test_aliases_in_yaml_become_references(self):
        text = """
title: Folders
payload: {payloadtype: com.example.folders, supportedOS: {iOS: {introduced: '9.3'}}}
payloadkeys:
- key: Items
  type: <array>
  presence: optional
  subkeys: &items
  - key: Item
    type: <dictionary>
    subkeys:
    - {key: Name, type: <string>, presence: required}
    - {key: Items, type: <array>, subkeys: *items}
"""
        found = update.entry(yaml.safe_load(text), "mdm/profiles/com.example.folders.yaml", "1")
        self.assertEqual(found["keys"], [
            {"k": "Items", "t": "array", "req": 0, "keys": [
                {"k": "Item", "t": "dictionary", "keys": [
                    {"k": "Name", "t": "string", "req": 1},
                    {"k": "Items", "t": "array", "ref": "/Items"},
                ]},
            ]},
        ])


class Changes(unittest.TestCase):
    OLD = {
        "file": "mdm/profiles/com.example.yaml", "rel": "1", "n": "Example", "type": "com.example",
        "os": {"iOS": {"in": "9.0"}},
        "keys": [
            {"k": "Color", "t": "string", "req": 0, "vals": ["red", "blue"]},
            {"k": "Old", "t": "boolean", "os": {"iOS": {"sup": False}}},
            {"k": "Gone", "t": "data"},
        ],
    }

    def test_nothing_changed_says_nothing_and_keeps_the_line(self):
        new = {**copy.deepcopy(self.OLD), "rel": "2"}
        self.assertEqual(update.differences([self.OLD], [new]), [])
        self.assertEqual(update.merge([self.OLD], [new], False), [self.OLD])

    def test_each_sort_of_change_has_its_line(self):
        new = copy.deepcopy(self.OLD)
        new["os"]["iOS"]["dep"] = "27.0"
        new["keys"][0].update(vals=["blue", "green"], **{"def": "blue"})
        new["keys"][1]["os"]["iOS"] = {"sup": True, "rem": "27.0"}
        new["keys"][2] = {"k": "Fresh", "t": "array", "os": {"iOS": {"in": "27.0"}},
                          "keys": [{"k": "Item", "t": "string"}]}
        extra = {"file": "mdm/profiles/com.example.new.yaml", "rel": "2", "n": "New", "type": "com.example.new",
                 "os": {"macOS": {"in": "27.0"}, "tvOS": {"in": "n/a"}}, "keys": [{"k": "K", "t": "string"}]}
        gone = {**self.OLD, "file": "mdm/profiles/com.example.gone.yaml", "type": "com.example.gone"}
        self.assertEqual(update.differences([self.OLD, gone], [new, extra]), [
            "com.example.gone: gone [mdm/profiles/com.example.gone.yaml]",
            "com.example.new: new (macOS 27.0), 1 keys [mdm/profiles/com.example.new.yaml]",
            "com.example [mdm/profiles/com.example.yaml]",
            "  changed  iOS deprecated in 27.0",
            '  changed  Color: default: nothing -> "blue"',
            '  changed  Color: value "green" added',
            '  changed  Color: value "red" gone',
            "  changed  Old: iOS removed in 27.0",
            "  changed  Old: iOS needs supervision: false -> true",
            "  added    Fresh (array) (iOS 27.0)",
            "  added    Fresh/Item (string)",
            "  gone     Gone",
        ])
        self.assertEqual([each["type"] for each in update.merge([self.OLD, gone], [new, extra], False)],
                         ["com.example", "com.example.gone", "com.example.new"])
        self.assertEqual(len(update.merge([self.OLD, gone], [new, extra], True)), 2)


class Program(unittest.TestCase):
    def test_a_clone_is_read_told_and_written(self):
        with tempfile.TemporaryDirectory() as folder:
            copied, clone = os.path.join(folder, "facts"), os.path.join(folder, "clone")
            os.mkdir(copied)
            for name in [*set(update.SECTIONS.values()), "groups"]:
                with open(os.path.join(FACTS, name + ".json"), encoding="utf-8") as file:
                    text = file.read()
                with open(os.path.join(copied, name + ".json"), "w", encoding="utf-8") as file:
                    file.write(text)
            font = next(each for each in facts("profiles") if each["type"] == "com.apple.font")
            document = their_document("profiles", font)
            document["payloadkeys"].append({"key": "Weight", "type": "<integer>", "content": SENTENCE})
            path = os.path.join(clone, font["file"])
            os.makedirs(os.path.dirname(path))
            with open(path, "w", encoding="utf-8") as file:
                json.dump(document, file)

            def load(path):
                with open(path, encoding="utf-8") as file:
                    return json.load(file)

            said = []
            arguments = [clone, "--release", "99.0", "--facts", copied]
            self.assertEqual(update.main([*arguments, "--dry-run"], load, said.append), 0)
            self.assertIn("  added    Weight (integer)", said)
            before = facts("profiles")
            with open(os.path.join(copied, "profiles.json"), encoding="utf-8") as file:
                self.assertEqual(json.load(file), before)
            self.assertEqual(update.main(arguments, load, said.append), 0)
            with open(os.path.join(copied, "profiles.json"), encoding="utf-8") as file:
                text = file.read()
            self.assertNotIn(SENTENCE, text)
            changed = [each for each in json.loads(text) if each not in before]
            self.assertEqual([(each["type"], each["rel"]) for each in changed], [("com.apple.font", "99.0")])
            self.assertEqual(len(json.loads(text)), len(before))
            empty = os.path.join(folder, "empty")
            os.mkdir(empty)
            self.assertEqual(update.main([empty, "--release", "1", "--facts", copied], load, said.append), 1)


if __name__ == "__main__":
    unittest.main(buffer=True)
