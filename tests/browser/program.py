"""The real program: `pomona demo`, its sign-in, and the list of all its pages."""

import http.cookiejar
import os
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

# Visited though no page links to them.
UNLINKED = [
    "/profilemanager/devices?q=nothing-is-called-this",
    "/profilemanager/devices?platform=mac&state=pending",
    "/profilemanager/devices/no-such-device",
    "/profilemanager/activity?alert=1",
    "/profilemanager/no-such-page",
]
# Of pages that differ in an id alone, this many are looked at.
OF_A_KIND = 3


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.csrf = [], None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href"):
            self.found.append(attributes["href"])
        if tag == "input" and attributes.get("name") == "csrf":
            self.csrf = attributes.get("value")


class Demo:
    def __init__(self):
        binary = os.environ.get("POMONA_BIN", "target/release/pomona")
        if not os.access(binary, os.X_OK):
            raise SystemExit(f"no program at {binary}: cargo build --release, or name it in POMONA_BIN")
        self.binary = binary
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [binary, "demo", "--no-open", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        self.output = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.base = self._wait(r"Open\s+(https://\S+?)/profilemanager")[1]
        self.name, self.password = self._wait(r"Sign in\s+(\S+)\s+(\S+)").groups()
        self.link = self._wait(r"Enroll\s+(https://\S+)")[1]
        self.data = self._wait(r"Data\s+(\S+)")[1]
        enrolled = self._wait(r"(\d+) of (\d+) devices enrolled in", 120)
        print(f"the demo is ready at {self.base}: {enrolled[0]} …", flush=True)
        if enrolled[1] != enrolled[2]:
            raise SystemExit(f"not every device enrolled: {enrolled[0]}")
        # Answers to the first questions are part of what the pages show.
        time.sleep(5)
        self._portal = None

    def _listen(self):
        for line in self.process.stdout:
            self.output.append(line)

    def _wait(self, pattern, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = re.search(pattern, "".join(self.output))
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise SystemExit(f"the demo never said {pattern}; it said:\n{''.join(self.output)}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def sign_in(self, driver):
        driver.get(f"{self.base}/profilemanager/signin")
        driver.find_element(By.NAME, "name").send_keys(self.name)
        # Enter and not a click: where WebKitGTK draws a narrow page enlarged, its driver clicks beside things.
        driver.find_element(By.NAME, "password").send_keys(self.password + Keys.ENTER)
        try:
            WebDriverWait(driver, 30).until(lambda d: d.current_url.rstrip("/") == f"{self.base}/profilemanager")
        except TimeoutException:
            raise SystemExit(f"sign-in ends at {driver.current_url}: {driver.find_element(By.TAG_NAME, 'body').text}")

    def public(self):
        """Pages for whoever is not signed in."""
        paths = [("landing", "/"), ("signin", "/profilemanager/signin"), ("enroll-unknown", "/enroll/no-such-link"), ("nowhere", "/no-such-page")]
        return [(name, self.base + path) for name, path in paths] + [("enroll", self.link)]

    def portal(self):
        """Every page of the portal that can be reached by links, a few of each kind."""
        if self._portal is None:
            self._portal = self._crawl()
        return self._portal

    def _crawl(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

        def get(path, data=None):
            request = urllib.request.Request(self.base + path, data=data, headers={"Origin": self.base, "Sec-Fetch-Site": "same-origin"})
            try:
                answer = opener.open(request)
            except urllib.error.HTTPError as error:
                answer = error
            kind = answer.headers.get_content_type()
            links = Links()
            if kind == "text/html":
                links.feed(answer.read().decode())
            return answer.status, kind, links

        form = get("/profilemanager/signin")[2]
        fields = {"csrf": form.csrf, "name": self.name, "password": self.password}
        get("/profilemanager/signin", urllib.parse.urlencode(fields).encode())

        def post(page, action, **fields):
            csrf = get(page)[2].csrf
            status = get(action, urllib.parse.urlencode({"csrf": csrf, **fields}).encode())[0]
            if status != 200:
                raise SystemExit(f"{action} answers {status}")

        # Things that only exist after someone did something: a kept PIN, a token, a second administrator.
        macs = [h for h in get("/profilemanager/devices?platform=mac")[2].found if re.fullmatch(r"/profilemanager/devices/[^/?]+", h)]
        post(macs[0] + "/lock", macs[0] + "/lock", message="Back soon", phone="")
        post("/profilemanager/tokens/new", "/profilemanager/tokens/new", name="nightly report", role="auditor", days="30")
        again = "a sentence that only tests know"
        post("/profilemanager/accounts/new", "/profilemanager/accounts/new", name="grace", full_name="Grace Hopper", role="helpdesk",
             password=again, password_again=again)
        time.sleep(2)
        todo, seen, kinds, pages = ["/profilemanager", macs[0]] + UNLINKED, set(), {}, []
        while todo:
            path = todo.pop(0).split("#")[0]
            if not path.startswith("/profilemanager") or path in seen:
                continue
            seen.add(path)
            kind = re.sub(r"/(devices|commands|profiles|enrollment|tokens|accounts|catalog|payloads|at|history)/(?!new\b|import\b|imported\b|no-such)[^/?]+", r"/\1/x", path.split("?")[0])
            kind += "?" + "&".join(sorted(urllib.parse.parse_qs(path.partition("?")[2]))) if "?" in path else ""
            kinds[kind] = kinds.get(kind, 0) + 1
            if kinds[kind] > OF_A_KIND and path not in UNLINKED:
                continue
            status, content, links = get(path)
            if content != "text/html":
                continue
            if status >= 400 and "no-such" not in path:
                raise SystemExit(f"a link leads to {path}, which answers {status}")
            name = re.sub(r"[^a-z0-9]+", "-", kind.removeprefix("/profilemanager")).strip("-") or "overview"
            pages.append((f"{name}-{kinds[kind]}", self.base + path))
            todo += [urllib.parse.urljoin(path, href) for href in links.found]
        print(f"{len(pages)} pages to look at, of {len(kinds)} kinds", flush=True)
        return pages
