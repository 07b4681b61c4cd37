"""Entry of tests/browser/run; see there."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import checks
import gallery
from engines import ENGINES, facts

SCREENS = Path("target/screenshots")
# Pages of the gallery that are also walked through by keyboard, and whose menus are opened.
WALKED = ["overview", "devices", "device-about-attention", "deed-erase-iphone", "deed-lock-mac", "profile-assigned", "signin", "setup-wrong",
          "enroll-mobile", "accounts", "push-soon", "enrollment-link-0", "help"]


def look(engine, scheme, width, pages, findings, walked):
    """Visits `pages` (name and address) and notes what the checks find."""
    folder = SCREENS / f"{engine.name}-{scheme}-{width}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, url in pages:
        begun = time.monotonic()
        engine.driver.get(url)
        found = []
        believes = facts(engine.driver)
        if believes["dark"] != (scheme == "dark"):
            found.append(f"the page is not {scheme}: {believes}")
        if width != 320:
            found += checks.axe(engine.driver)
            engine.shoot(folder / f"{name}.png")
        found += checks.reflow(engine.driver, width)
        if width == 390:
            found += checks.targets(engine.driver)
        if name in walked and engine.name == "chromium" and width == 1280 and scheme == "light":
            found += checks.keyboard(engine.driver)
        if name in walked and width != 320:
            found += checks.opened(engine.driver)
        found += [f"console: {line}" for line in engine.said()]
        where = f"{engine.name} {scheme} {width} {name}"
        findings += [(where, text) for text in found]
        print(f"{'FOUND' if found else 'ok   '} {where} ({time.monotonic() - begun:.1f} s)", flush=True)
        for text in found[:8]:
            print(f"      {text}", flush=True)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--gallery", action="store_true")
    words.add_argument("--sweep", action="store_true")
    words.add_argument("--engine", choices=ENGINES, action="append")
    words.add_argument("--scheme", choices=["light", "dark"], action="append")
    words.add_argument("--width", type=int, choices=[1280, 390, 320], action="append")
    words.add_argument("--only", default="")
    words = words.parse_args()
    engines = words.engine or list(ENGINES)
    schemes = words.scheme or ["light", "dark"]
    widths = words.width or [1280, 390, 320]
    findings, visits = [], 0

    if words.sweep:
        widths = []
    if words.gallery:
        base, names = gallery.serve()
        names = [n for n in names if words.only in n]
        pages = [(n, f"{base}/plain/{n}.html") for n in names]
    else:
        import program

        server = program.Demo()
    try:
        if words.gallery:
            steps = [pages]
        elif words.sweep:
            steps = []
        else:
            steps = [server.public(), server.portal()]

        def tour(name):
            """All the visits of one engine. The engines share nothing but the server, so they go side by side."""
            found, count = [], 0
            for scheme in schemes:
                for width in widths:
                    if width == 320 and scheme == "dark":
                        continue
                    engine = ENGINES[name](scheme, width)
                    try:
                        for step, todo in enumerate(steps):
                            if step == 1:
                                server.sign_in(engine.driver)
                            todo = [p for p in todo if words.only in p[0]]
                            walked = WALKED if words.gallery else [n for n, _ in todo if n.endswith("-1") or step == 0]
                            look(engine, scheme, width, todo, found, walked)
                            count += len(todo)
                    finally:
                        engine.quit()
            return found, count

        with ThreadPoolExecutor() as threads:
            for found, count in threads.map(tour, engines):
                findings += found
                visits += count
        if words.gallery:
            engine = ENGINES[engines[0]]()
            findings += gallery.attacked(engine, base, names)
            engine.quit()
        else:
            if "chromium" in engines and not words.only and not words.sweep:
                import profiles
                import story

                findings += story.without_scripts(server)
                findings += story.by_keyboard(server)
                findings += profiles.run(server)
            if not words.only:
                import sweep

                found, count = sweep.run(server, engines)
                findings += found
                visits += count
    finally:
        if not words.gallery:
            server.stop()
    print(f"\n{visits} visits, {len(findings)} findings; screenshots in {SCREENS}")
    places = {}
    for where, text in findings:
        places.setdefault(text, []).append(where)
    for text, at in places.items():
        print(f"{text}\n    at {', '.join(at[:4])}{f' and {len(at) - 4} more' if len(at) > 4 else ''}")
    sys.exit(1 if findings or not visits else 0)


main()
