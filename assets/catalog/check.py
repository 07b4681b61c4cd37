#!/usr/bin/env python3
"""Checks the words of the catalog against the facts, and says how much of the catalog has words.

    python3 assets/catalog/check.py [FACTS]

FACTS is the folder that holds profiles.json and groups.json; without it, the folder of this script, then
$POMONA_FACTS. The exit code is 1 when anything is wrong. Only the standard library is used.
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

FORM_FIELDS = {"label", "help", "synonyms", "rules", "keys", "adds", "borrows"}
KEY_FIELDS = {
    "section", "label", "help", "synonyms", "unit", "secret", "values", "on", "off",
    "format", "refers", "example", "needed", "replaced_by", "required",
}
RULE_FIELDS = {"in", "if", "if_set", "needs", "forbids", "one_of", "says"}
FORMATS = {
    "bundle-id", "url", "email", "hostname", "regexp", "oid", "uuid-of-certificate", "multiline", "path",
    "team-id", "code-requirement", "serial", "country", "language",
}
UNITS = {
    "s", "min", "h", "days", "px", "characters", "bytes", "KB", "MB", "percent", "dBm", "m", "bits", "ms",
}
HELP_MOST = 140
LABEL_MOST = 60

# The payloads that small organizations use most: each of their keys wants a line of help.
POOL = """
TopLevel CommonPayloadKeys com.apple.mobiledevice.passwordpolicy com.apple.applicationaccess com.apple.wifi.managed
com.apple.firstactiveethernet.managed com.apple.secondactiveethernet.managed com.apple.thirdactiveethernet.managed
com.apple.firstethernet.managed com.apple.secondethernet.managed com.apple.thirdethernet.managed
com.apple.globalethernet.managed com.apple.vpn.managed com.apple.vpn.managed.applayer
com.apple.vpn.managed.appmapping com.apple.security.root com.apple.security.pkcs1 com.apple.security.pem
com.apple.security.pkcs12 com.apple.security.scep com.apple.security.acme com.apple.mail.managed
com.apple.eas.account com.apple.ews.account com.apple.caldav.account com.apple.carddav.account
com.apple.ldap.account com.apple.webClip.managed com.apple.MCX.FileVault2 com.apple.MCX(FileVault2)
com.apple.security.FDERecoveryKeyEscrow com.apple.security.FDERecoveryRedirect com.apple.security.firewall
com.apple.loginwindow com.apple.dock com.apple.MCX(EnergySaver) com.apple.SoftwareUpdate
com.apple.notificationsettings com.apple.homescreenlayout com.apple.app.lock com.apple.asam
com.apple.proxy.http.global com.apple.dnsSettings.managed com.apple.dnsProxy.managed com.apple.webcontent-filter
com.apple.TCC.configuration-profile-policy com.apple.system-extension-policy com.apple.mcxprinting
com.apple.airprint com.apple.font com.apple.extensiblesso com.apple.extensiblesso(kerberos)
com.apple.screensaver com.apple.screensaver.user com.apple.MCX.TimeMachine com.apple.loginitems.managed loginwindow
""".split()


def no_twins(pairs):
    """An object whose names differ; the parser of Python would keep the last one silently."""
    out = {}
    for name, value in pairs:
        if name in out:
            raise ValueError(f"the name {name!r} stands twice")
        out[name] = value
    return out


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=no_twins)


def stem(entry):
    return entry["file"].rsplit("/", 1)[-1].removesuffix(".yaml")


def addresses(form):
    """Address -> key, in the order of the facts."""
    out = {}

    def walk(keys, before):
        for key in keys:
            address = before + key["k"]
            # Two keys of one name (a list with items of two sorts) share their words.
            out.setdefault(address, key)
            walk(key.get("keys", []), address + "/")

    walk(form["keys"], "")
    return out


def pattern(address):
    """`*` is one segment, `**` any number of them, none included."""
    parts = []
    for segment in address.split("/"):
        if segment == "**":
            parts.append("(?:[^/]+/)*")
        elif segment == "*":
            parts.append("[^/]+/")
        else:
            parts.append(re.escape(segment) + "/")
    return re.compile("^" + "".join(parts) + "$")


def weight(address):
    """Which of two wildcards wins: more literal segments, then the longer text."""
    return (sum(1 for segment in address.split("/") if segment not in ("*", "**")), len(address))


def words_for(address, keys):
    """The words of a key: those of its exact address, else of the wildcard that says most."""
    if address in keys:
        return address
    found = [each for each in keys if "*" in each and pattern(each).match(address + "/")]
    return max(found, key=weight) if found else None


def text_of(value):
    """A raw value as the text by which `values` names it."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)


def fits(kind, value):
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "real":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("string", "date", "data"):
        return isinstance(value, str)
    return kind == "any"


class Checker:
    def __init__(self, facts):
        self.wrong = []
        groups = load(os.path.join(facts, "groups.json"))
        self.facts = {stem(entry): entry for entry in load(os.path.join(facts, "profiles.json"))}
        additions = os.path.join(facts, "additions.json")
        for entry in load(additions) if os.path.exists(additions) else []:
            if "type" in entry:
                self.facts[stem(entry)] = entry
        self.addresses = {form: addresses(entry) for form, entry in self.facts.items()}
        self.order = {}
        self.home = {}
        for category in groups["categories"]:
            for place, payload in enumerate(category["payloads"]):
                self.home[payload["file"]] = category["id"]
                self.order[payload["file"]] = place
        self.words = {}
        self.borrowed = {}

    def bad(self, where, what):
        self.wrong.append(f"{where}: {what}")

    def text(self, where, field, text, most):
        if not isinstance(text, str) or not text.strip():
            self.bad(where, f"{field} is empty")
        elif text != text.strip() or "  " in text or "\n" in text:
            self.bad(where, f"{field} has loose blanks")
        elif len(text) > most:
            self.bad(where, f"{field} has {len(text)} characters, at most {most}: {text}")

    def list_of_words(self, where, words):
        if not isinstance(words, list) or not all(isinstance(each, str) and each.strip() for each in words):
            self.bad(where, "synonyms are not a list of words")
        elif len(set(words)) != len(words):
            self.bad(where, "a synonym stands twice")

    def file(self, category, content):
        places = []
        for form, words in content.items():
            if form not in self.facts:
                self.bad(form, "the facts know no such form")
                continue
            if self.home.get(form) != category:
                self.bad(form, f"belongs into {self.home.get(form)}.json")
            places.append(self.order.get(form, -1))
            self.words[form] = words
            self.form(form, words)
        if places != sorted(places):
            self.bad(category, "forms do not stand in the order of groups.json")

    def extend(self, form, words):
        """Adds the keys that the form documents in prose and those that it borrows."""
        entry = self.facts[form]
        own = {key["k"] for key in entry["keys"]}
        more = list(words.get("adds", []))
        borrowed = words.get("borrows", {"from": form, "keys": []})
        source = self.facts.get(borrowed["from"], {"keys": []})["keys"]
        for name in borrowed["keys"]:
            found = [key for key in source if key["k"] == name]
            if not found:
                self.bad(form, f"borrows {name}, which {borrowed['from']} does not have")
            more += found
            self.borrowed.setdefault(form, set()).update(
                address for address in self.addresses.get(borrowed["from"], {}) if address.split("/")[0] == name)
        for key in more:
            if key["k"] in own:
                self.bad(form, f"{key['k']} is among its own keys")
            if not {"k", "t"} <= key.keys():
                self.bad(form, f"{key} wants a name and a type")
        self.addresses[form] = addresses({"keys": entry["keys"] + more})

    def form(self, form, words):
        for field in words.keys() - FORM_FIELDS:
            self.bad(form, f"unknown field {field}")
        self.text(form, "label", words.get("label"), LABEL_MOST)
        self.text(form, "help", words.get("help"), HELP_MOST)
        self.list_of_words(form, words.get("synonyms", []))
        keys = words.get("keys", {})
        self.extend(form, words)
        facts = self.addresses[form]
        places = []
        for address, key in keys.items():
            where = f"{form} {address}"
            found = [each for each in facts if pattern(address).match(each + "/")] if "*" in address else (
                [address] if address in facts else [])
            if not found:
                self.bad(where, "no key of the facts has this address")
                continue
            if "*" in address and not any(words_for(each, keys) == address for each in found):
                self.bad(where, "other words win everywhere, these are never used")
            places.append(list(facts).index(found[0]))
            self.key(where, key, [facts[each] for each in found])
        if places != sorted(places):
            self.bad(form, "keys do not stand in the order of the facts")
        self.siblings(form, keys, facts)
        for number, rule in enumerate(words.get("rules", []), 1):
            self.rule(form, f"{form} rule {number}", rule)

    def key(self, where, key, facts):
        for field in key.keys() - KEY_FIELDS:
            self.bad(where, f"unknown field {field}")
        if "label" in key:
            self.text(where, "label", key["label"], LABEL_MOST)
        if "help" in key:
            self.text(where, "help", key["help"], HELP_MOST)
            if key["help"].rstrip(".").lower() == key.get("label", "").lower():
                self.bad(where, "help repeats the label")
        for field in ("section", "example", "needed", "replaced_by"):
            if field in key:
                self.text(where, field, key[field], HELP_MOST)
        self.list_of_words(where, key.get("synonyms", []))
        if key.get("unit", "s") not in UNITS:
            self.bad(where, f"unit {key['unit']} is not known")
        if key.get("secret", True) is not True:
            self.bad(where, "secret is true or missing")
        if key.get("required", False) is not False:
            self.bad(where, "required is false or missing")
        if ("on" in key) != ("off" in key):
            self.bad(where, "on and off come together")
        if key.get("format", "url") not in FORMATS:
            self.bad(where, f"format {key['format']} is not known")
        if ("refers" in key) != (key.get("format") == "uuid-of-certificate"):
            self.bad(where, "refers and uuid-of-certificate come together")
        if key.get("refers", "any") not in ("identity", "certificate", "any"):
            self.bad(where, "refers is identity, certificate or any")
        for fact in facts:
            kind = fact["t"]
            if "on" in key and kind != "boolean" and not set(fact.get("vals", [])) <= {0, 1}:
                self.bad(where, f"words for on and off, but the key is a {kind}")
            if "unit" in key and kind not in ("integer", "real"):
                self.bad(where, f"a unit, but the key is a {kind}")
            if "format" in key and fact.get("vals"):
                self.bad(where, "a format beside a list of legal values")
            if "format" in key and kind != "string":
                self.bad(where, f"a format, but the key is a {kind}")
            if "secret" in key and kind not in ("string", "data", "any", "dictionary"):
                self.bad(where, f"secret, but the key is a {kind}")
            if "example" in key and "%" not in key["example"]:
                self.example(where, key, fact)
            if "required" in key and fact.get("req") != 1:
                self.bad(where, "freed from being required, which it is not")
            if "values" in key:
                legal = {text_of(value) for value in fact.get("vals", [])}
                for raw in key["values"]:
                    if legal and raw not in legal:
                        self.bad(where, f"{raw} is not a legal value")
                    elif not legal and kind in ("integer", "real") and not re.fullmatch(r"-?\d+(\.\d+)?", raw):
                        self.bad(where, f"{raw} is not a number")
                if len(set(key["values"].values())) != len(key["values"]):
                    self.bad(where, "two values are called the same")

    def example(self, where, key, fact):
        """An example would be accepted."""
        text = key["example"]
        sort = key.get("format")
        patterns = {
            "bundle-id": r"[A-Za-z0-9.-]+",
            "url": r"[a-z][a-z0-9+.-]*://\S+",
            "email": r"[^@\s]+@[^@\s]+",
            "hostname": r"[A-Za-z0-9.:-]+",
            "oid": r"[0-9]+(\.[0-9]+)+",
            "path": r"/.*",
            "team-id": r"[A-Z0-9]{10}",
        }
        if fact["t"] == "integer" and not re.fullmatch(r"-?\d+", text):
            self.bad(where, f"the example {text} is no whole number")
        if "re" in fact and not re.search(fact["re"], text):
            self.bad(where, f"the example {text} does not fit Apple's pattern")
        if fact.get("vals") and text not in [text_of(value) for value in fact["vals"]] and "range" not in fact:
            self.bad(where, f"the example {text} is not a legal value")
        if sort in patterns and not re.fullmatch(patterns[sort], text):
            self.bad(where, f"the example {text} is no {sort}")

    def siblings(self, form, keys, facts):
        """No two keys side by side may be called the same."""
        seen = {}
        for address in facts:
            chosen = words_for(address, keys)
            label = keys[chosen].get("label") if chosen else None
            if label is None:
                continue
            parent = address.rsplit("/", 1)[0] if "/" in address else ""
            other = seen.setdefault((parent, label.lower()), address)
            if other != address:
                self.bad(f"{form} {address}", f"is called {label!r} as {other} is")

    def rule(self, form, where, rule):
        for field in rule.keys() - RULE_FIELDS:
            self.bad(where, f"unknown field {field}")
        self.text(where, "says", rule.get("says"), HELP_MOST + 40)
        if not any(field in rule for field in ("needs", "forbids", "one_of")):
            self.bad(where, "asks for nothing")
        facts = self.addresses[form]
        before = ""
        if "in" in rule:
            if rule["in"] not in facts:
                self.bad(where, f"{rule['in']} is no address")
                return
            if facts[rule["in"]]["t"] != "dictionary":
                self.bad(where, f"{rule['in']} is not a dictionary")
            before = rule["in"] + "/"
        for field in ("if_set", "needs", "forbids", "one_of"):
            for address in rule.get(field, []):
                if before + address not in facts:
                    self.bad(where, f"{before + address} is no address")
        for address, values in rule.get("if", {}).items():
            fact = facts.get(before + address)
            if fact is None:
                self.bad(where, f"{before + address} is no address")
                continue
            for value in values:
                if not fits(fact["t"], value):
                    self.bad(where, f"{address} is a {fact['t']}, {value!r} is not")
                elif "vals" in fact and value not in fact["vals"]:
                    self.bad(where, f"{value!r} is not a legal value of {address}")

    def glossary(self, content):
        for word, written in content["words"].items():
            if word != word.lower() or not written.strip():
                self.bad("glossary", f"{word!r}: a lower-case word and how it is written")

    def recipes(self, content):
        seen = set()
        for recipe in content["recipes"]:
            where = f"recipe {recipe.get('id')}"
            if recipe.keys() - {"id", "label", "help", "form", "keys", "starts"}:
                self.bad(where, "unknown field")
            if recipe["id"] in seen:
                self.bad(where, "stands twice")
            seen.add(recipe["id"])
            self.text(where, "label", recipe.get("label"), LABEL_MOST)
            self.text(where, "help", recipe.get("help"), HELP_MOST)
            facts = self.addresses.get(recipe["form"])
            if facts is None:
                self.bad(where, "the facts know no such form")
                continue
            if not 1 <= len(recipe["keys"]) <= 8 or len(set(recipe["keys"])) != len(recipe["keys"]):
                self.bad(where, "one to eight keys, each once")
            for address in recipe["keys"]:
                if address not in facts:
                    self.bad(where, f"{address} is no address")
            for address, value in recipe.get("starts", {}).items():
                fact = facts.get(address)
                if fact is None:
                    self.bad(where, f"{address} is no address")
                elif not fits(fact["t"], value) or ("vals" in fact and value not in fact["vals"]):
                    self.bad(where, f"{value!r} is not a legal value of {address}")

    def coverage(self):
        """Lines of `form keys labels helps`, and the totals of all forms and of the pool."""
        total = [0, 0, 0]
        pool = [0, 0, 0]
        for form, facts in self.addresses.items():
            keys = self.words.get(form, {}).get("keys", {})
            counted = [len(facts), 0, 0]
            borrowed = self.borrowed.get(form, set())
            counted[0] -= len(borrowed)
            for address in facts.keys() - borrowed:
                chosen = words_for(address, keys)
                if chosen:
                    counted[1] += "label" in keys[chosen]
                    counted[2] += "help" in keys[chosen]
            if form in POOL and counted[2] < counted[0]:
                self.bad(form, f"{counted[0] - counted[2]} keys of the pool have no help")
            total = [a + b for a, b in zip(total, counted)]
            if form in POOL:
                pool = [a + b for a, b in zip(pool, counted)]
            mark = "pool" if form in POOL else ""
            print(f"{form:52} {counted[0]:4} keys {counted[1]:4} labels {counted[2]:4} helps {mark}")
        helps = sum("help" in words for words in self.words.values())
        secrets = sum(
            1
            for form, words in self.words.items()
            for address in self.addresses[form]
            if (chosen := words_for(address, words.get("keys", {})))
            and words["keys"][chosen].get("secret")
        )
        rules = sum(len(words.get("rules", [])) for words in self.words.values())
        print(f"forms with words: {len(self.words)} of {len(self.facts)}, with help: {helps}")
        print(f"all forms: {total[0]} keys, {total[1]} labels, {total[2]} helps")
        print(f"pool of {len(POOL)} forms: {pool[0]} keys, {pool[1]} labels, {pool[2]} helps")
        print(f"secrets: {secrets}, conditional rules: {rules}")


def main():
    facts = sys.argv[1] if len(sys.argv) > 1 else HERE
    if not os.path.exists(os.path.join(facts, "profiles.json")):
        facts = os.environ.get("POMONA_FACTS", facts)
    checker = Checker(facts)
    folder = os.path.join(HERE, "words")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".json"):
            continue
        category = name.removesuffix(".json")
        try:
            content = load(os.path.join(folder, name))
        except ValueError as error:
            checker.bad(name, str(error))
            continue
        if category == "glossary":
            checker.glossary(content)
        elif category == "recipes":
            checker.recipes(content)
        elif category not in checker.home.values():
            checker.bad(name, "no category of groups.json has this name")
        else:
            checker.file(category, content)
    checker.coverage()
    for line in checker.wrong:
        print("WRONG", line)
    print(f"{len(checker.wrong)} wrong")
    return 1 if checker.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
