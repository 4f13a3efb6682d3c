"""A web site on this machine, to be fetched from."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ingest.sources.fetch import Limits

QUICK = Limits(seconds=1, bytes=100_000, redirects=4, attempts=2, pause=0, backoff=0.01, patience=2, failures=2)


@dataclass(frozen=True)
class Asked:
    """A request as the site got it."""

    path: str
    headers: Mapping[str, str]

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass(frozen=True)
class Answer:
    """What the site answers; `drip` sends it a byte at a time with so many seconds between."""

    content: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: float = 0


@dataclass
class WebSite:
    """A site whose pages a test puts in: an Answer by path, or a function that makes one of the request."""

    origin: str
    answers: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def address(self, path: str) -> str:
        return self.origin + path

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answer = self.answers.get(asked.path) or self.answers.get(urlsplit(asked.path).path) or Answer("", 404)
        return answer if isinstance(answer, Answer) else answer(asked)


def serve() -> Iterator[WebSite]:
    """A running site at an address of its own, stopped at the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = site.answer(Asked(self.path, dict(self.headers.items())))
            content = answer.content.encode() if isinstance(answer.content, str) else answer.content
            headers = {"Content-Length": str(len(content)), "Content-Type": "text/html"} | dict(answer.headers)
            head = f"HTTP/1.1 {answer.status} Status\r\n"
            head += "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
            whole = head.encode() + b"\r\n" + content
            if "Content-Length" in answer.headers:
                self.close_connection = True
            try:
                if not answer.drip:
                    self.wfile.write(whole)
                for start in range(len(whole) if answer.drip else 0):
                    self.wfile.write(whole[start : start + 1])
                    self.wfile.flush()
                    time.sleep(answer.drip)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = WebSite(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    thread.join(5)
    server.server_close()
