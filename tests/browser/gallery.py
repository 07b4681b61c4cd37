"""Serves the pages that tests/views rendered, under the product's content security policy."""

import http.server
import json
import threading
from pathlib import Path

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Handler(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path):
        path = path.split("?")[0].split("#")[0].lstrip("/")
        return path if path.startswith("assets/") else f"target/pages/{path}"

    def end_headers(self):
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("Cache-Control", "max-age=60")
        super().end_headers()

    def log_message(self, *_):
        pass


def serve():
    """Base address and page names."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = sorted(p.stem for p in Path("target/pages/plain").glob("*.html"))
    return f"http://127.0.0.1:{server.server_port}", names


# Element names with their attribute names: what a text must never change. Read from the source again, because a
# parser and not the running page is asked.
STRUCTURE = """
    const done = arguments[arguments.length - 1];
    fetch(location.href).then((r) => r.text()).then((text) => {
        const page = new DOMParser().parseFromString(text, 'text/html');
        done(JSON.stringify([...page.querySelectorAll('*')].map((e) => [e.tagName, e.getAttributeNames()])));
    });
"""


def attacked(engine, base, names):
    """With an attack in every text, each page has the structure that it has with a word in every text."""
    found = []
    for name in names:
        shapes = []
        for sort in ("neutral", "attacked"):
            engine.driver.get(f"{base}/{sort}/{name}.html")
            shapes.append(json.loads(engine.driver.execute_async_script(STRUCTURE)))
        if shapes[0] != shapes[1]:
            at = next((i for i, (a, b) in enumerate(zip(*shapes)) if a != b), "the end")
            found.append((name, f"an attack changed the page at element {at}"))
        found += [(name, f"attacked: console: {line}") for line in engine.said()]
    return found
