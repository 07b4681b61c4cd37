"""The two browsers, each in a color scheme and at a width."""

import glob
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options as ChromeOptions
from selenium.webdriver.chrome.service import Service as ChromeService
from selenium.webdriver.webkitgtk.options import Options as WebKitOptions
from selenium.webdriver.webkitgtk.service import Service as WebKitService

# What the browsers may say without a page being at fault.
HARMLESS = re.compile(
    r"favicon|ERR_CERT|self.signed|DEPRECATED_ENDPOINT|"
    # A hint about sign-in forms; a payload may have several passwords, and none of them signs anybody in.
    r"Multiple forms should be contained in their own form elements|"
    # A fragment leads to the row as well: the next Tab begins there.
    r"Autofocus processing was blocked because a document's URL has a fragment|"
    # The page of an error is shown with the status of the error.
    r"Failed to load resource: the server responded with a status of (4\d\d|500)"
)


class Chromium:
    """Chromium, driven over its debugging protocol for what WebDriver has no word for."""

    name = "chromium"

    def __init__(self, scheme="light", width=1280, scripts=True):
        options = ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en"):
            options.add_argument(word)
        options.accept_insecure_certs = True
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=ChromeService(shutil.which("chromedriver")))
        self.driver.set_page_load_timeout(60)
        self.width = width
        narrow = width < 600
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=844 if narrow else 900, deviceScaleFactor=1, mobile=narrow)
        if narrow:
            self.cdp("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ])
        if not scripts:
            self.cdp("Emulation.setScriptExecutionDisabled", value=True)

    def cdp(self, method, **parameters):
        return self.driver.execute_cdp_cmd(method, parameters)

    def said(self):
        """What the console said since the last call."""
        return [line["message"] for line in self.driver.get_log("browser") if not HARMLESS.search(line["message"])]

    def shoot(self, path: Path):
        import base64

        shot = self.cdp("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def quit(self):
        self.driver.quit()


class WebKit:
    """WebKitGTK's MiniBrowser: the engine nearest to Safari that runs on Linux.

    Its window cannot be narrower than 447 pixels, so narrow pages are shown on a finer "screen": GDK_DPI_SCALE
    enlarges the page, and 390 of its pixels fill a window of 468.
    """

    name = "webkit"
    SCALES = {390: 1.2, 320: 1.5}

    def __init__(self, scheme="light", width=1280, scripts=True):
        scale = self.SCALES.get(width, 1)
        os.environ["GDK_DPI_SCALE"] = str(scale)
        os.environ["GTK_THEME"] = "Adwaita:dark" if scheme == "dark" else "Adwaita"
        self.log = tempfile.NamedTemporaryFile(mode="r", suffix=".log", errors="replace")
        options = WebKitOptions()
        options.binary_location = glob.glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")[0]
        for word in ("--automation", "--enable-write-console-messages-to-stdout=true"):
            options.add_argument(word)
        options.set_capability("acceptInsecureCerts", True)
        service = WebKitService(shutil.which("WebKitWebDriver"), log_output=self.log.name)
        self.driver = webdriver.WebKitGTK(options=options, service=service)
        self.driver.set_page_load_timeout(60)
        self.driver.set_window_size(round(width * scale), round(900 * scale))
        self.width = width

    def said(self):
        lines = [line for line in self.log.read().splitlines() if line.startswith("CONSOLE")]
        return [line for line in lines if not HARMLESS.search(line)]

    def shoot(self, path: Path):
        self.driver.save_screenshot(str(path))

    def quit(self):
        self.driver.quit()
        self.log.close()


ENGINES = {"chromium": Chromium, "webkit": WebKit}


def facts(driver):
    """What the page believes of its window."""
    return json.loads(driver.execute_script(
        "return JSON.stringify({width: innerWidth, dark: matchMedia('(prefers-color-scheme: dark)').matches,"
        "ground: getComputedStyle(document.body).backgroundColor})"
    ))
