"""What people do with the product, done with scripts switched off, and by keyboard alone."""

import tempfile
import time

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from engines import Chromium

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>org.example.browser-test</string><key>PayloadUUID</key><string>1B0E6F5A-6E0C-4B0D-9E4C-6C8F6A0F7B21</string>
<key>PayloadDisplayName</key><string>Passcode &amp; “quotes”</string><key>PayloadDescription</key><string>Six digits.</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.mobiledevice.passwordpolicy</string><key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>org.example.browser-test.passcode</string><key>PayloadUUID</key><string>6C1B7B0A-2F3D-4F57-8C61-1F0D2A9C4E55</string>
<key>minLength</key><integer>6</integer><key>forcePIN</key><true/>
</dict></array></dict></plist>
"""


class Wrong(Exception):
    """The story did not go on as it should."""


def steady(deed):
    """Does it again while the page is being replaced under its hands: the driver then says stale, detached or no node."""

    def again(*words, **more):
        until = time.monotonic() + 10
        while True:
            try:
                return deed(*words, **more)
            except (WebDriverException, Wrong):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    return again


class Reader:
    """A person at a browser."""

    def __init__(self, engine, server):
        self.engine, self.driver, self.server = engine, engine.driver, server

    def go(self, path):
        self.driver.get(path if path.startswith("https:") else self.server.base + path)

    @steady
    def one(self, css):
        found = self.driver.find_elements(By.CSS_SELECTOR, css)
        if not found:
            raise Wrong(f"{self.driver.current_url}: no {css}")
        return found[0]

    @steady
    def text(self, css):
        return self.one(css).text

    @steady
    def first(self, css):
        """Text and address of the first link that `css` finds, both of the same page."""
        link = self.one(css)
        return link.text.strip(), link.get_attribute("href")

    def headline(self):
        return self.text("h1")

    def until(self, holds, wrong, seconds=20):
        """Waits until `holds()`, however slow the machine is; a page that is being replaced holds nothing."""
        end = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
                said = wrong()
            except (WebDriverException, Wrong) as error:
                said = str(error)
            if time.monotonic() > end:
                raise Wrong(said)
            time.sleep(0.1)

    def lands_on(self, headline, deed):
        """Waits for the page with this headline."""
        self.until(lambda: self.driver.find_element(By.CSS_SELECTOR, "h1").text.startswith(headline),
                   lambda: f"{deed} leads to {self.headline()!r} and not to {headline!r}")

    def turned(self, page):
        """Waits until `page`, the root of the page before, is gone; a link within the page leaves it."""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                page.is_displayed()
            except WebDriverException:
                return
            time.sleep(0.05)

    @steady
    def click(self, words, within="main"):
        for element in self.driver.find_elements(By.CSS_SELECTOR, f"{within} a, {within} button, {within} summary"):
            if element.text.strip().startswith(words) and element.is_displayed():
                page, turns = self.one("html"), element.tag_name != "summary"
                element.click()
                if turns:
                    self.turned(page)
                return
        raise Wrong(f"{self.driver.current_url}: nothing to click is called {words!r}")

    @steady
    def fill(self, name, text):
        field = self.one(f"main [name={name}]")
        if field.get_attribute("type") != "file":
            field.clear()
        field.send_keys(text)

    @steady
    def tick(self, name):
        for label in self.driver.find_elements(By.CSS_SELECTOR, ".ticks label"):
            if name in label.text:
                box = label.find_element(By.TAG_NAME, "input")
                if not box.is_selected():
                    box.click()
                return
        raise Wrong(f"{name} cannot be ticked")

    @steady
    def expect(self, words):
        if words not in self.text("body"):
            raise Wrong(f"{self.driver.current_url}: does not say {words!r}")

    def wait(self, words, css="main", seconds=60):
        """Loads the page again until it says one of `words`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            said = self.text(css)
            if any(word in said for word in words):
                return
            time.sleep(1)
            self.driver.refresh()
        raise Wrong(f"{self.driver.current_url}: never said {words}")


def told(title, story, server, **how):
    engine = Chromium(**how)
    try:
        story(Reader(engine, server))
        said = engine.said()
        print(f"ok    {title}", flush=True)
        return [(title, f"console: {line}") for line in said]
    except (Wrong, WebDriverException) as wrong:
        engine.driver.save_screenshot(f"target/screenshots/{title.replace(' ', '-')}.png")
        print(f"FOUND {title}: {wrong}", flush=True)
        return [(title, str(wrong))]
    finally:
        engine.quit()


def without_scripts(server):
    """The main story: a profile reaches a device; the device is locked, cleared and erased."""
    return told("without scripts", _main_story, server, scripts=False)


def _main_story(r):
    r.go("/profilemanager/devices")
    if "/signin" not in r.driver.current_url:
        raise Wrong("devices are shown to whoever is not signed in")
    r.fill("name", r.server.name)
    r.fill("password", r.server.password)
    r.click("Sign in")
    r.lands_on("Devices", "sign-in")

    # An iPhone, by filter.
    r.click("iPhone")
    name, address = r.first("table.list tbody th a")

    # A profile.
    r.click("Profiles", "nav.side")
    r.click("Import")
    with tempfile.NamedTemporaryFile("w", suffix=".mobileconfig") as file:
        file.write(PROFILE)
        file.flush()
        r.fill("profile", file.name)
        r.click("Import")
    r.lands_on("Passcode & “quotes”", "the import")
    r.expect("2 settings understood.")
    r.click("Choose who gets it")
    r.fill("q", name)
    r.click("Search")
    r.tick(name)
    r.click("Assign to ticked devices")
    r.click("Status")
    r.wait(["Installed", "Confirmed"], "table.list")
    r.expect(name)

    # Lock it, clear its passcode.
    for deed, command in [("Lock", "DeviceLock"), ("Clear passcode", "ClearPasscode")]:
        r.go(address)
        r.click("Actions")
        r.click(deed, ".panel")
        r.click(deed, "form.card")
        r.go(address + "/commands")
        r.wait([command], "table.list")
        r.click(command)
        r.wait(["Done"], ".state")

    # Erase it: a wrong name is refused, and nothing is sent.
    r.go(address + "/erase")
    r.fill("name", "something else")
    r.click("Erase iPhone")
    r.one("[aria-invalid=true][name=name]")
    r.one("[role=alert]")
    r.go(address + "/commands")
    if "EraseDevice" in r.text("main"):
        raise Wrong("a wrong name erases")
    r.go(address + "/erase")
    r.fill("name", name.replace("’", "'").upper() + " ")
    r.click("Erase iPhone")
    r.go(address + "/commands")
    r.expect("EraseDevice")

    # A new enrollment link, with its code.
    r.go("/profilemanager/enrollment/new")
    r.fill("label", "Browser test")
    r.click("Make link")
    r.one("svg.qr path")
    r.expect("/enroll/")

    # Sign out by the menu.
    r.one("details.me summary").click()
    r.click("Sign out", "details.me")
    r.go("/profilemanager")
    if "/signin" not in r.driver.current_url:
        raise Wrong("signing out does not end the session")


def by_keyboard(server):
    """Sign in, skip the navigation, lock a device: no pointer."""
    return told("by keyboard", _keys, server)


def _keys(r):
    def press(*keys):
        ActionChains(r.driver).send_keys(*keys).perform()

    def focused():
        return r.driver.execute_script("const e = document.activeElement; return e.id || e.name || e.textContent.trim();")

    def tab_to(wanted, most=120):
        for _ in range(most):
            press(Keys.TAB)
            if focused().startswith(wanted):
                return
        raise Wrong(f"{r.driver.current_url}: Tab never reaches {wanted!r}")

    def lands_on(headline, deed):
        r.lands_on(headline, deed)
        # A key that is pressed while the page still comes may be lost.
        r.until(lambda: r.driver.execute_script("return document.readyState") == "complete", lambda: "the page never ends")

    def focus_is(wanted, wrong):
        r.until(lambda: focused().startswith(wanted), lambda: f"{wrong}: {focused()!r} has the focus", 5)

    r.go("/profilemanager/signin")
    tab_to("name")
    press(r.server.name, Keys.TAB)
    press(r.server.password, Keys.ENTER)
    lands_on("Overview", "sign-in by keyboard")
    press(Keys.TAB)
    focus_is("Skip to content", "the first stop is not the skip link")
    press(Keys.ENTER)
    press(Keys.TAB)
    r.until(lambda: r.driver.execute_script("return document.querySelector('main').contains(document.activeElement)"),
            lambda: "the skip link does not lead into the content", 5)

    # The search field by its key, then an iPhone's menu.
    press("/")
    focus_is("search", "the key / does not lead to the search")
    r.go("/profilemanager/devices?platform=iphone")
    r.go(r.first("table.list tbody th a")[1])
    tab_to("Actions")
    press(Keys.ENTER)
    tab_to("Lock")
    press(Keys.ESCAPE)
    focus_is("Actions", "Escape does not lead back to the menu's button")
    press(Keys.ENTER)
    tab_to("Lock")
    press(Keys.ENTER)
    lands_on("Lock ", "Lock")
    tab_to("message")
    press("Please bring it back")
    tab_to("Lock")
    press(Keys.ENTER)
    r.until(lambda: not r.driver.current_url.endswith("/lock"), lambda: "the form is not sent by Enter")
