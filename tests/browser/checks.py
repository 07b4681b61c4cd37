"""What is asked of every page. Each check gives back a list of findings, empty when all is well."""

import json
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

AXE = Path("target/browser/node_modules/axe-core/axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_axe = None


def axe(driver, part=None):
    """axe-core: WCAG 2.0 to 2.2, levels A and AA, and its best practices; what it could not decide counts, too."""
    global _axe
    _axe = _axe or AXE.read_text()
    driver.execute_script(_axe)
    result = driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(arguments[1] || document, {runOnly: arguments[0], resultTypes: ['violations', 'incomplete']})"
        ".then(r => done(JSON.stringify({violations: r.violations, incomplete: r.incomplete})), e => done(JSON.stringify({error: String(e)})));",
        TAGS, part,
    )
    result = json.loads(result)
    if "error" in result:
        return [f"axe broke: {result['error']}"]
    found = []
    for sort in ("violations", "incomplete"):
        for rule in result[sort]:
            for node in rule["nodes"]:
                why = node.get("failureSummary") or "; ".join(c["message"] for c in node["any"] + node["all"] + node["none"])
                found.append(f"axe {sort}: {rule['id']}: {node['html'][:140]} :: {' '.join(why.split())[:220]}")
    return found


def reflow(driver, width):
    """No horizontal scrolling: of the page as a whole, nor anything cut off at its right edge."""
    seen = json.loads(driver.execute_script("""
        const wide = document.documentElement.scrollWidth, room = innerWidth;
        const inside = (e) => { for (let p = e.parentElement; p; p = p.parentElement) {
            const o = getComputedStyle(p).overflowX; if (o !== 'visible') return true; } return false; };
        const out = [...document.querySelectorAll('body *')].filter((e) => {
            const r = e.getBoundingClientRect();
            return r.width && e.checkVisibility() && r.right > room + 1.5 && getComputedStyle(e).position !== 'fixed' && !inside(e);
        }).slice(0, 3).map((e) => e.outerHTML.slice(0, 120));
        return JSON.stringify({wide, room, out});
    """))
    found = []
    if abs(seen["room"] - width) > 1:
        found.append(f"the window is {seen['room']} wide, not {width}")
    if seen["wide"] > seen["room"] + 1 or seen["out"]:
        found.append(f"wider than the window: {seen['wide']} > {seen['room']} {seen['out']}")
    return found


FOCUSED = """
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement) return null;
    const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 1), y = Math.min(Math.max(r.top + r.height / 2, 1), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    const label = e.closest('label');
    return JSON.stringify({
        what: e.outerHTML.slice(0, 100), key: e.outerHTML.slice(0, 300) + Math.round(r.top + scrollY) + ' ' + r.left,
        size: [r.width, r.height],
        onscreen: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth,
        // A radio button may show it on its label, which is what is clicked.
        outline: [s, label && getComputedStyle(label)].some((one) => one && one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 2),
        // Tab goes through the parts of a date before it leaves it.
        parts: e.type === 'datetime-local',
        covered: !(top && (e.contains(top) || top.contains(e) || (label && label.contains(top)))),
    });
"""


STOPS = """
    // The radio buttons of a group are one stop.
    const first = (e) => e.type !== 'radio' || e === [...document.getElementsByName(e.name)].find((one) => one.form === e.form);
    return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
        .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex >= 0 && first(e)).length;
"""


def keyboard(driver, most=150):
    """Tab reaches everything that can be used, never gets stuck, and always shows where it is."""
    found, seen = [], []
    stops = driver.execute_script(STOPS)
    for _ in range(most):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        at = driver.execute_script(FOCUSED)
        if at is None:
            break
        at = json.loads(at)
        if seen and at["key"] == seen[0]:
            break
        if seen and at["key"] == seen[-1]:
            if at["parts"]:
                continue
            found.append(f"focus is stuck at {at['what']}")
            break
        seen.append(at["key"])
        if not at["onscreen"] or not all(at["size"]):
            found.append(f"focus is out of sight: {at['what']}")
        elif at["covered"]:
            found.append(f"focus is covered: {at['what']}")
        if not at["outline"]:
            found.append(f"focus cannot be seen: {at['what']}")
    if len(set(seen)) < min(stops, most):
        found.append(f"Tab reaches {len(set(seen))} of {stops} things")
    return found


TARGETS = """
    // A radio button is hit by its label too.
    const high = (e) => Math.max(...[e, ...(e.type === 'radio' ? e.labels : [])].map((one) => one.getBoundingClientRect().height));
    return JSON.stringify([...document.querySelectorAll('button, .button, select, summary, input:not([type=hidden]):not([type=checkbox])')]
        .filter((e) => e.checkVisibility && e.checkVisibility() && high(e) > 0 && high(e) < 43.5)
        .map((e) => Math.round(high(e)) + ' ' + e.outerHTML.slice(0, 100)));
"""


def targets(driver):
    """Under a finger, controls are 44 pixels high."""
    coarse = driver.execute_script("return matchMedia('(pointer: coarse)').matches")
    return [f"too small for a finger: {t}" for t in json.loads(driver.execute_script(TARGETS))] if coarse else []


PANEL = """
    const e = arguments[0].closest('details')?.querySelector('.panel') || document.getElementById(arguments[0].getAttribute('popovertarget'));
    const r = e.getBoundingClientRect();
    return [e, r.height && r.left >= 0 && r.right <= innerWidth + 1 && r.bottom <= innerHeight + 1 ? null : [r.left, r.right, r.bottom].join(' ')];
"""


def opened(driver):
    """Menus and the narrow sidebar, when opened, lie within the window and hold no violation."""
    found = []
    for css in ("details.menu.me summary", ".do details.menu summary", "button.burger"):
        for button in driver.find_elements("css selector", css):
            driver.execute_script("window.scrollTo(0, 0)")
            if not button.is_displayed():
                continue
            driver.execute_script("arguments[0].focus(); arguments[0].click()", button)
            panel, outside = driver.execute_script(PANEL, button)
            if outside:
                found.append(f"{css} opens out of sight: {outside}")
            found += [f"{css} opened: {text}" for text in axe(driver, panel)]
            ActionChains(driver).send_keys(Keys.ESCAPE).perform()
            if driver.execute_script(PANEL, button)[0].is_displayed():
                found.append(f"{css}: Escape does not close it")
    return found
