"""A server that speaks OpenAI's protocol on this machine and says what a test gives it."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """`text` streamed in `pieces`; before each piece `wait` is called with its number. Or an error with `status`; or the
    connection ends after so many pieces.
    """

    text: str = ""
    status: int = 200
    pieces: int = 4
    ends_after: int | None = None
    wait: Callable[[int], Any] = lambda _piece: None


@dataclass
class Speaking:
    """A running server: its address, the replies still to be given (the last one again and again), what it was asked."""

    address: str = ""
    replies: list[Reply] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    # A server that knows no JSON schema refuses the argument.
    knows_schema: bool = True

    def says(self, *replies: str | Reply) -> None:
        self.replies = [r if isinstance(r, Reply) else Reply(r) for r in replies]
        self.bodies.clear()
        self.headers.clear()


def written(*statements: tuple[str, Sequence[tuple[int, str]]]) -> str:
    """What a model writes that keeps to the form: each statement with its (passage, words)."""
    made = [{"quotes": [{"passage": p, "words": w} for p, w in quotes], "text": t} for t, quotes in statements]
    return json.dumps({"statements": made}, ensure_ascii=False)


@contextmanager
def speaking() -> Iterator[Speaking]:
    """A server on a free port of 127.0.0.1."""
    told = Speaking()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.bodies.append(body)
            told.headers.append({k.lower(): v for k, v in self.headers.items()})
            if not told.knows_schema and "response_format" in body:
                self._error(400)
                return
            reply = told.replies.pop(0) if len(told.replies) > 1 else told.replies[0]
            if reply.status != 200:
                self._error(reply.status)
            elif body.get("stream"):
                self._stream(reply)
            else:
                message = {"role": "assistant", "content": reply.text}
                self._json(200, {**_HEAD, "object": "chat.completion", "choices": [_choice(message=message)]})

        def _stream(self, reply: Reply) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            size = max(1, -(-len(reply.text) // reply.pieces))
            for number, start in enumerate(range(0, max(1, len(reply.text)), size)):
                reply.wait(number)
                if number == reply.ends_after:
                    return
                delta = {"role": "assistant", "content": reply.text[start : start + size]}
                self._event({**_HEAD, "object": "chat.completion.chunk", "choices": [_choice(delta=delta)]})
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, made: dict[str, Any]) -> None:
            try:
                self.wfile.write(f"data: {json.dumps(made)}\n\n".encode())
                self.wfile.flush()
            except OSError:
                # Who asked no longer listens, as after a time-out.
                return

        def _error(self, status: int) -> None:
            self._json(status, {"error": {"message": "secret details of the server", "type": "error", "code": status}})

        def _json(self, status: int, made: dict[str, Any]) -> None:
            text = json.dumps(made).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.address = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_HEAD = {"id": "c1", "created": 1, "model": "scripted"}


def _choice(**made: Any) -> dict[str, Any]:
    return {"index": 0, "finish_reason": None if "delta" in made else "stop", **made}
