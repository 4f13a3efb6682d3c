"""Serve the assistant: REST under /api/v1, and the chat page at the root."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.assistant import Assistant
from assistant.page.page import mount_page
from assistant.page.render import Passage, release_html
from vectorstore import Release

# The browser itself sees to it that a page of official documents tells nobody what is read in it.
# Gradio fills in its templates with functions made from text, so scripts need 'unsafe-eval'.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "object-src 'none'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)


class Question(BaseModel):
    """The body of POST /api/v1/ask. `history` holds the earlier questions of the conversation, oldest first."""

    model_config = ConfigDict(extra="forbid")

    question: str
    history: list[str] = []
    since: date | None = None
    until: date | None = None
    as_of: date | None = None


def make_app(assistant: Assistant) -> FastAPI:
    """The whole application, ready for any ASGI server."""
    # The embedding model takes seconds to load; better now than at somebody's first question.
    assistant.store.embedder.question("")
    # FastAPI's own documentation pages load their scripts from a CDN, so there are none; the schema itself is here.
    app = FastAPI(
        title="Communiqué",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        exception_handlers={RequestValidationError: _invalid, HTTPException: _refused},
    )
    app.add_middleware(_Guard)
    add_rest(app, assistant)
    add_panel(app, assistant)
    add_quality(app, assistant)
    mount_page(app, assistant)
    return app


def add_rest(app: FastAPI, assistant: Assistant) -> None:
    """Questions and releases as JSON; an error is `{"error": "one line"}` with status 400 or 404."""

    @app.post("/api/v1/ask")
    def ask(asked: Question) -> dict[str, Any]:
        try:
            answer = assistant.ask(
                asked.question, asked.history, since=asked.since, until=asked.until, as_of=asked.as_of
            )
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return answer.to_dict()

    @app.get("/api/v1/releases")
    def releases() -> dict[str, Any]:
        return {"releases": [release.facts() for release in assistant.releases()]}

    @app.get("/api/v1/releases/{release_id:path}")
    def release(release_id: str, version: int | None = None) -> dict[str, Any]:
        return _known(assistant, release_id, version).to_dict()

    @app.get("/api/v1/health")
    def health() -> dict[str, Any]:
        held = assistant.store.span()
        return {"status": "ok", "releases": held.releases, "since": held.since, "until": held.until}

    @app.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown(request: Request, rest: str) -> None:
        raise HTTPException(404, f"there is no {request.method} {request.url.path}; see /api/v1/openapi.json")


def add_panel(app: FastAPI, assistant: Assistant) -> None:
    """The release beside the chat, as a piece of HTML for page.js."""

    @app.get("/panel", include_in_schema=False)
    def panel(
        release: str, version: int, opened: str = "", other: Annotated[list[str] | None, Query()] = None
    ) -> HTMLResponse:
        found = assistant.release(release, version)
        if found is None:
            gone = '<p class="note-to-reader">This release is no longer kept here.</p>'
            return HTMLResponse(gone, status_code=404)
        newest = assistant.release(release)
        shown = release_html(
            found, _passage(opened), [_passage(p) for p in other or []], newest.version if newest else None
        )
        return HTMLResponse(shown)


def add_quality(app: FastAPI, assistant: Assistant) -> None:
    """The report of the last saved evaluation, as `communique eval` wrote it."""

    @app.get("/quality", include_in_schema=False)
    def quality() -> HTMLResponse:
        report = assistant.quality_report()
        if report is None:
            return HTMLResponse("<p>No evaluation is saved yet: run <code>communique eval</code>.</p>", status_code=404)
        return HTMLResponse(report.read_text(encoding="utf-8"))


def serve(assistant: Assistant, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve until interrupted. The address is printed once connections are accepted. Port 0 takes any free one.

    Raises ValueError when the address cannot be had, for instance because the port is taken.
    """
    with _listening(host, port) as listener:
        settings = uvicorn.Config(make_app(assistant), log_level="warning", timeout_graceful_shutdown=2)
        # Interrupting is how a server is stopped, not an error.
        with suppress(KeyboardInterrupt):
            _Announcing(settings).run(sockets=[listener])


@contextmanager
def running(assistant: Assistant, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve from another thread while the context is open; gives the address."""
    with _listening(host, port) as listener:
        server = uvicorn.Server(uvicorn.Config(make_app(assistant), log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.02)
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join()


class _Announcing(uvicorn.Server):
    """A server that says where it is once it is there."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            print(f"Communiqué is ready: {_address(sockets[0])}", flush=True)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    # "All addresses" is no address to open in a browser.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{host}:{port}"


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        # Python adds "(while attempting to bind on address …)", which the message says already.
        reason = (error.strerror or str(error)).partition(" (while")[0]
        raise ValueError(f"cannot serve on {host} port {port}: {reason}; choose another with --port") from error


class _Guard:
    """Adds headers to every answer that keep the browser from fetching anything from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
            await send(message)

        await self.app(scope, receive, guarded)


def _known(assistant: Assistant, release_id: str, version: int | None) -> Release:
    found = assistant.release(release_id, version)
    if found is None:
        which = f"release {release_id!r}" if version is None else f"version {version} of release {release_id!r}"
        raise HTTPException(404, f"there is no {which}; GET /api/v1/releases lists them")
    return found


def _passage(text: str) -> Passage:
    """ "3:10:52" as page.js writes it: the paragraph's index, and the first and last offset of the quote."""
    try:
        index, start, end = (int(part) for part in text.split(":"))
    except ValueError:
        return Passage(-1)
    return Passage(index, start, end)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, status_code=error.status_code)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query"))
    given = "" if isinstance(first.get("input"), dict) else f", not {first.get('input')!r}"
    message = "the body is not JSON" if first["type"] == "json_invalid" else f"{where}: {first['msg']}{given}"
    return JSONResponse({"error": " ".join(message.split())}, status_code=400)
