"""Three administrators and their profiles: one makes one from short forms, one looks for a word, one edits a vendor's file."""

import plistlib
import re
import ssl
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.common.action_chains import ActionChains

from story import Wrong, steady, told


def run(server):
    """Findings of all of them."""
    found = told("a profile from short forms", _short, server, scripts=False)
    found += told("a key found by its word", _search, server, scripts=False)
    found += told("a vendor's file", _vendor, server, scripts=False)
    return found + told("a profile by keyboard", _keys, server)


def _sign_in(r, path):
    r.go(path)
    r.fill("name", r.server.name)
    r.fill("password", r.server.password)
    r.click("Sign in")


@steady
def _set(r, label, value):
    """Fills the field with this label: text, a choice of a list, or one of several buttons."""
    for element in r.driver.find_elements(By.CSS_SELECTOR, "main label, main legend, main .title strong"):
        if element.text.strip().startswith(label) and element.is_displayed():
            break
    else:
        raise Wrong(f"{r.driver.current_url}: no field is called {label!r}")
    wanted = element.get_attribute("for")
    if not wanted:
        group = element.find_element(By.XPATH, "ancestor::*[self::fieldset or contains(@class, 'set')][1]")
        for choice in group.find_elements(By.CSS_SELECTOR, "label"):
            if choice.text.strip().startswith(value):
                choice.click()
                return
        raise Wrong(f"{label}: no choice {value!r}")
    field = r.driver.find_element(By.ID, wanted)
    if field.tag_name == "select":
        for option in field.find_elements(By.TAG_NAME, "option"):
            if option.text.strip().startswith(value):
                option.click()
                return
        raise Wrong(f"{label}: no choice {value!r}")
    field.clear()
    field.send_keys(value)


@steady
def _tick(r, label):
    for element in r.driver.find_elements(By.CSS_SELECTOR, "main label"):
        strong = element.find_elements(By.TAG_NAME, "strong")
        if strong and strong[0].text.strip() == label:
            box = element.find_element(By.TAG_NAME, "input")
            if not box.is_selected():
                box.click()
            return
    raise Wrong(f"{r.driver.current_url}: nothing to tick is called {label!r}")


def _short(r):
    """New, Wi-Fi and Passcode ticked, a few fields, plain words, published, assigned."""
    _sign_in(r, "/profilemanager/profiles")
    r.click("New profile")
    r.fill("name", "Reception")
    _tick(r, "Wi-Fi")
    _tick(r, "Passcode")
    r.click("Continue")
    _set(r, "Network name", "Orchard Reception")
    _set(r, "Password", "not the real one")
    r.click("Save draft")
    if "not the real one" in r.driver.page_source:
        raise Wrong("the password is on the page after it was set")
    r.click("Choose who gets it")
    # Nobody yet: the review comes first here.
    address = re.match(r".*/profiles/[^/?]+", r.driver.current_url)[0]
    r.go(address + "/review")
    r.expect("Orchard Reception")
    r.expect("Passcode")
    r.fill("note", "For the new desk")
    r.click("Publish")
    r.go(address + "/history")
    r.expect("For the new desk")
    r.go(address + "/source")
    if "not the real one" in r.driver.page_source:
        raise Wrong("the password is in the source")


def _search(r):
    """AirDrop, without knowing where it lives; then its value is turned, and the review says who obeys."""
    _sign_in(r, "/profilemanager/profiles/new")
    r.fill("name", "No AirDrop")
    r.click("Continue")
    address = re.match(r".*/profiles/[^/?]+", r.driver.current_url)[0]
    r.go(address + "/add?q=AirDrop")
    first = r.text("ul.finds li")
    # For which systems it exists, and whether the devices will obey.
    for word in ("AirDrop", "allowAirDrop", "in Restrictions", "iOS", "supervised", "works", "ignored: needs supervision"):
        if word not in first:
            raise Wrong(f"the first hit does not say {word!r}: {first}")
    r.click("Add", "ul.finds li:first-child")
    r.expect("allowAirDrop")
    _set(r, "AirDrop", "Not allowed")
    r.click("Save")
    r.go(address + "/review")
    r.expect("AirDrop")
    r.fill("note", "As agreed")
    r.click("Publish")
    r.go(address + "/source")
    r.expect("allowAirDrop")
    r.expect("<false/>")


VENDOR = {
    "PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": "com.example.vendor.browser",
    "PayloadUUID": "9B0E6F5A-6E0C-4B0D-9E4C-6C8F6A0F7B21", "PayloadDisplayName": "Vendor’s profile",
    "PayloadContent": [
        {
            "PayloadType": "com.apple.applicationaccess", "PayloadVersion": 1, "PayloadIdentifier": "com.example.vendor.browser.a",
            "PayloadUUID": "9B0E6F5A-6E0C-4B0D-9E4C-6C8F6A0F7B22", "ratingApps": 300, "vendorsOwnKey": {"deep": [1.5, True, b"\x00\x01"]},
        },
        {
            "PayloadType": "com.example.nobody.knows", "PayloadVersion": 1, "PayloadIdentifier": "com.example.vendor.browser.b",
            "PayloadUUID": "9B0E6F5A-6E0C-4B0D-9E4C-6C8F6A0F7B23", "Weight": 1.0, "Blob": bytes(range(64)), "List": ["a", {"b": 7}],
        },
    ],
}


def _signed(folder):
    """The vendor's file, signed by a key of its own."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    (folder / "in").write_bytes(plistlib.dumps(VENDOR))
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "cert", "-days", "30", "-subj", "/CN=Vendor Ltd")
    openssl("cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-signer", "cert", "-inkey", "key", "-in", "in", "-out", "vendor.mobileconfig")
    return folder / "vendor.mobileconfig"


def _file(r, path):
    """A download, with the cookies of the browser."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in r.driver.get_cookies())
    request = urllib.request.Request(path, headers={"Cookie": cookies})
    return urllib.request.urlopen(request, context=context).read()


def _vendor(r):
    """A signed file with keys that nobody knows: one value is edited, and all the rest goes out as it came in."""
    _sign_in(r, "/profilemanager/profiles/import")
    with tempfile.TemporaryDirectory() as folder:
        r.fill("profile", str(_signed(Path(folder))))
        r.click("Import")
    r.expect("Vendor Ltd")
    r.click("Kept as raw")
    r.expect("vendorsOwnKey")
    r.expect("com.example.nobody.knows")
    r.click("Edit")
    address = re.match(r".*/profiles/[^/?]+", r.driver.current_url)[0]
    r.go(address + "/payloads/9b0e6f5a-6e0c-4b0d-9e4c-6c8f6a0f7b22")
    _set(r, "Apps up to", "600")
    r.click("Save")
    r.go(address + "/review")
    r.expect("600")
    r.fill("note", "Older pupils")
    r.click("Publish")
    r.go(address + "/history")
    r.expect("Older pupils")
    out = plistlib.loads(_file(r, address + "/file?wrap=plain"))
    if out["PayloadUUID"] == VENDOR["PayloadUUID"]:
        raise Wrong("another content has the same UUID")
    before = {**VENDOR, "PayloadUUID": out["PayloadUUID"]}
    changed = out["PayloadContent"][0].pop("ratingApps")
    if changed == 300:
        raise Wrong("the edit is not in the file")
    rest = {**before, "PayloadContent": [{k: v for k, v in before["PayloadContent"][0].items() if k != "ratingApps"}, before["PayloadContent"][1]]}
    if out != rest:
        raise Wrong(f"something else changed: {out}")


def _keys(r):
    """A profile with one payload, without a pointer."""
    def press(*keys):
        ActionChains(r.driver).send_keys(*keys).perform()

    def focused():
        return r.driver.execute_script(
            "const e = document.activeElement; return [e.id, e.name, e.value, e.textContent.trim()].filter(Boolean).join(' ');")

    def tab_to(wanted, most=250):
        for _ in range(most):
            press(Keys.TAB)
            if wanted in focused():
                return
        raise Wrong(f"{r.driver.current_url}: Tab never reaches {wanted!r}")

    def lands(part, deed):
        r.until(lambda: part in r.driver.current_url and r.driver.execute_script("return document.readyState") == "complete",
                lambda: f"{deed} leads to {r.driver.current_url}")

    r.server.sign_in(r.driver)
    r.go("/profilemanager/profiles/new")
    tab_to("name")
    press("By keyboard")
    tab_to("passcode")
    press(Keys.SPACE)
    tab_to("Continue")
    press(Keys.ENTER)
    lands("/short", "Continue")
    tab_to("Save draft")
    press(Keys.ENTER)
    lands("/short", "Save draft")
    address = re.match(r".*/profiles/[^/?]+", r.driver.current_url)[0]
    r.go(address + "/review")
    tab_to("note")
    press("No pointer needed")
    tab_to("Publish")
    press(Keys.ENTER)
    r.until(lambda: "/review" not in r.driver.current_url, lambda: "the form is not sent by Enter")
    r.go(address + "/history")
    r.expect("No pointer needed")
