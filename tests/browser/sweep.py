"""The editor of every form that Apple documents, with every key set, in both engines."""

import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import checks
from engines import ENGINES

# Written by the ignored test `write_the_forms`; see tests/browser/run.
FORMS = Path("target/sweep")
# Of so many pages, one is held against axe.
AXE_EVERY = 8


def _bring(server, file):
    """A profile of the library, as a draft; name and address of its payload's editor."""
    def pomona(*words):
        said = subprocess.run([server.binary, "--data", server.data, "--json", *words], capture_output=True, text=True)
        if said.returncode:
            raise SystemExit(f"pomona {' '.join(words)}: {said.stderr}")
        return json.loads(said.stdout)

    profile = pomona("profile", "import", "--draft", str(file))["profile"]["id"]
    payload = pomona("profile", "text", profile)["payloads"][0]["id"]
    return file.stem, f"{server.base}/profilemanager/profiles/{profile}/payloads/{payload}"


def run(server, engines):
    """Findings, and the number of pages that were looked at."""
    files = sorted(FORMS.glob("*.mobileconfig"))
    if len(files) < 120:
        raise SystemExit(f"{len(files)} forms in {FORMS}: cargo test --test pomona write_the_forms -- --ignored")
    begun = time.monotonic()
    pages = [_bring(server, file) for file in files]
    print(f"{len(pages)} forms are in the library ({time.monotonic() - begun:.1f} s)", flush=True)

    def tour(name):
        found, engine = [], ENGINES[name]("light", 390)
        try:
            server.sign_in(engine.driver)
            for number, (form, url) in enumerate(pages):
                begun = time.monotonic()
                engine.driver.get(url)
                here = checks.reflow(engine.driver, 390)
                if not engine.driver.find_elements("css selector", "main form"):
                    here.append(f"no form: {engine.driver.title}")
                if number % AXE_EVERY == 0:
                    here += checks.axe(engine.driver)
                here += [f"console: {line}" for line in engine.said()]
                where = f"{name} 390 editor of {form}"
                found += [(where, text) for text in here]
                if here:
                    print(f"FOUND {where} ({time.monotonic() - begun:.1f} s)", flush=True)
                    for text in here[:5]:
                        print(f"      {text}", flush=True)
        finally:
            engine.quit()
        return found

    with ThreadPoolExecutor() as threads:
        found = [one for some in threads.map(tour, engines) for one in some]
    print(f"{'FOUND' if found else 'ok   '} the editor of {len(pages)} forms in {len(engines)} engines ({time.monotonic() - begun:.0f} s)", flush=True)
    return found, len(pages) * len(engines)
