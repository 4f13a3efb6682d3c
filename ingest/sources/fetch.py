"""Fetch an address politely and within limits.

Kept: robots.txt (RFC 9309) with its crawl delay, a pause between two requests to one host, Retry-After, conditional
requests; a user agent that says who asks. Bounded: bytes, seconds, redirects, attempts. Every redirect is looked at
like a new address.
"""

import hashlib
import random
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

import httpcore
import httpx
from protego import Protego

from ingest.page import Gone, Unchanged
from ingest.sources.network import Network, PrivateAddress, Transport, addresses
from vectorstore import Catalogue, FetchState

AGENT = "Communique"
# RFC 9309, 2.5: at least this much of a robots.txt is read.
_ROBOTS_BYTES = 512_000
# What may pass: asked again after a while. 500 is told apart below: it is often one page's own fault.
_PASSING = {429: "too many requests", 500: "an error of the server", 502: "a bad gateway", 503: "not available",
            504: "a gateway that waited in vain"}  # fmt: skip
_GONE = (404, 410)
# RFC 9110, 15.4: only these say that an address leads elsewhere for good; the others may be for a night's maintenance.
_MOVED = (301, 308)
# The deadline bounds everything; a connection is given up sooner, since a host may have further addresses.
_CONNECTING = httpx.Timeout(None, connect=15)
_TROUBLE = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError)


@dataclass(frozen=True)
class Limits:
    """How much is fetched and how patiently.

    `seconds` holds for one request, body included; `pause` are the seconds between two requests to one host, `backoff`
    those before a second attempt, doubled before each further one; `patience` is the longest wait that a site may ask
    for. After `failures` addresses in a row at which a host does not answer, it is left alone for this run.
    """

    seconds: float = 60
    bytes: int = 50_000_000
    redirects: int = 10
    attempts: int = 3
    pause: float = 1
    backoff: float = 2
    patience: float = 120
    failures: int = 4


USUAL = Limits()


@dataclass(frozen=True)
class Fetched:
    """What an address gave. `found_at` is where redirects led, `media_type` the content type without parameters,
    `charset` the one it declares, `file_name` what the server would have it saved as; empty where unsaid.
    """

    address: str
    found_at: str
    content: bytes
    media_type: str = ""
    charset: str = ""
    file_name: str = ""
    etag: str | None = None
    last_modified: str | None = None


class Unfetched(ValueError):
    """An address that could not be fetched, and why; it is listed as failed and the others are fetched."""


class _Denied(Unfetched):
    """An answer that is neither the page nor a passing trouble."""


class HostGivenUp(Unfetched):
    """A host from which nothing more can be had in this run."""


class _Passing(Exception):
    """Trouble that may pass. `after` are the seconds that the server asks to wait; `whole` tells that the host
    does not answer, rather than this page.
    """

    def __init__(self, reason: str, host: str, after: float = 0, *, whole: bool = True) -> None:
        super().__init__(reason)
        self.host = host
        self.after = after
        self.whole = whole


@dataclass
class _Host:
    """What is kept in mind of a host during a run; times are of `time.monotonic`."""

    next_turn: float = 0
    pause: float = 0
    failures: int = 0


class Fetcher:
    """Fetches for one run; hosts, cookies and robots.txt are kept in mind until it is closed. For one thread.

    `catalogue` remembers from run to run what servers said of their pages; without it everything is fetched whole.
    `contact` is an address of yours for the people whose site it is.
    """

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        contact: str = "",
        limits: Limits = USUAL,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._catalogue = catalogue
        self._agent = user_agent(contact)
        self._limits = limits
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._robots: dict[str, Protego] = {}
        self._network = Network()
        self._opened: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened:
            self._opened.close()

    def fetch(
        self, address: str, *, allow_private: bool = False, conditional: bool = False
    ) -> Fetched | Unchanged | Gone:
        """What an address holds; Gone for 404, 410 and for a page that moved for good to a front page.

        With `conditional`, Unchanged when the server says that it is as it was when `remember` was last called.
        Raises Unfetched, and HostGivenUp when asking the host for anything else would be in vain too.
        """
        checked(address)
        address = urldefrag(address).url
        known = self.known(address) if conditional else None
        for attempt in range(1, self._limits.attempts + 1):
            try:
                outcome = self._attempt(address, known, allow_private)
            except _Passing as trouble:
                self._put_off(trouble, attempt)
            else:
                self._host(urlsplit(address).hostname or "").failures = 0
                if known and isinstance(outcome, Unchanged):
                    self._keep(known.url, known.etag, known.last_modified, known.content_hash)
                return outcome
        raise AssertionError("the last attempt raises")

    def known(self, address: str) -> FetchState | None:
        """What was remembered of an address; None when it was never fetched."""
        return self._catalogue.fetch_state(address) if self._catalogue else None

    def remember(self, fetched: Fetched) -> None:
        """Have the server asked next time whether this page has changed since."""
        content_hash = hashlib.sha256(fetched.content).hexdigest()
        self._keep(fetched.address, fetched.etag, fetched.last_modified, content_hash)

    def _keep(self, address: str, etag: str | None, last_modified: str | None, content_hash: str) -> None:
        if self._catalogue:
            self._catalogue.keep_fetch_state(
                address,
                etag=etag,
                last_modified=last_modified,
                content_hash=content_hash,
                fetched_at=datetime.now(UTC),
            )

    def _put_off(self, trouble: _Passing, attempt: int) -> None:
        """Let the host rest before the next attempt. Raises Unfetched when this was the last, or the rest too long."""
        host = self._host(trouble.host)
        # A little chance keeps many readers from coming back at the same moment.
        back_off = self._limits.backoff * 2 ** (attempt - 1) * random.uniform(1, 1.25)
        wait = max(trouble.after, back_off)
        host.next_turn = max(host.next_turn, time.monotonic() + wait)
        if trouble.after > self._limits.patience:
            raise HostGivenUp(
                f"{trouble}; {trouble.host} asks for {trouble.after:.0f} s of rest: run the same command again then"
            ) from trouble
        if attempt == self._limits.attempts:
            host.failures += trouble.whole
            raise Unfetched(f"{trouble}, {attempt} times; run the same command again later") from trouble

    def _attempt(self, address: str, known: FetchState | None, allow_private: bool) -> Fetched | Unchanged | Gone:
        headers = {}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return self._followed(address, headers, allow_private, robots=True)

    def _followed(
        self, address: str, headers: dict[str, str], allow_private: bool, *, robots: bool
    ) -> Fetched | Unchanged | Gone:
        """Go where the redirects lead, each looked at like a new address."""
        here, for_good = address, True
        for _ in range(self._limits.redirects + 1):
            url = checked(here)
            if robots:
                self._keep_to_robots(url, allow_private)
            with self._answer(url, headers, allow_private) as answer:
                if not answer.has_redirect_location:
                    return self._outcome(address, here, answer, for_good=for_good)
                for_good = for_good and answer.status_code in _MOVED
                target = answer.headers["location"]
                here = joined(here, target) or target
        raise Unfetched(f"it redirects more than {self._limits.redirects} times")

    @contextmanager
    def _answer(self, url: httpx.URL, headers: dict[str, str], allow_private: bool) -> Iterator[httpx.Response]:
        """A server's answer to one request, its body still to be read. Raises _Passing and Unfetched, also while the
        body is being read.
        """
        host = url.host
        try:
            # Looked at here too, since a connection that another source was allowed to make may be open still.
            addresses(host, url.port or 0, allow_private=allow_private)
            self._take_turn(host)
            self._network.allow_private = allow_private
            self._network.deadline = time.monotonic() + self._limits.seconds
            answer = self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
            try:
                yield answer
            finally:
                answer.close()
        except PrivateAddress as error:
            raise Unfetched(str(error)) from error
        except (socket.gaierror, UnicodeError) as error:
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise _Passing(f"the name {host} cannot be looked up at the moment", host) from error
            raise Unfetched(f"there is no host of the name {host}") from error
        except _TROUBLE as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Unfetched(f"the certificate of {host} cannot be trusted: {error}") from error
            if isinstance(error, httpcore.TimeoutException):
                raise _Passing(f"{host} did not answer in time ({self._limits.seconds:g} s)", host) from error
            raise _Passing(f"{host} does not answer properly ({error or type(error).__name__})", host) from error

    def _outcome(
        self, address: str, here: str, answer: httpx.Response, *, for_good: bool
    ) -> Fetched | Unchanged | Gone:
        """What the answer at the end of all redirects tells; `for_good` when all of them were for good."""
        status, headers = answer.status_code, answer.headers
        if status == 304:
            return Unchanged(address)
        to_front_page = _is_front_page(here) and not _is_front_page(address)
        if status in _GONE or (status == 200 and to_front_page and for_good):
            return Gone(address)
        if status in _PASSING:
            raise _Passing(
                f"the server answers {status}, {_PASSING[status]}",
                answer.request.url.host,
                _retry_after(headers.get("retry-after", "")),
                whole=status != 500,
            )
        if status != 200:
            raise _Denied(f"the server answers {status} {answer.reason_phrase}".rstrip())
        if to_front_page:
            raise _Denied("for now it leads to the front page; run the same command again later")
        media_type, charset, file_name = _declared(headers)
        content = b"".join(self._body(answer))
        return Fetched(
            address, here, content, media_type, charset, file_name, headers.get("etag"), headers.get("last-modified")
        )

    def _body(self, answer: httpx.Response) -> Iterator[bytes]:
        """The content, unpacked piece by piece, so that a small answer cannot grow beyond the limit on the way."""
        limit = self._limits.bytes
        too_large = Unfetched(f"it is larger than {limit / 1_000_000:g} MB")
        declared = answer.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise too_large
        packing = answer.headers.get("content-encoding", "identity").strip().lower()
        if packing not in ("identity", "", "gzip", "x-gzip"):
            raise Unfetched(f"it comes packed as {packing!r}, which was not asked for")
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in packing else None
        had = 0
        for chunk in answer.iter_raw():
            try:
                piece = unpack.decompress(chunk, limit - had + 1) if unpack else chunk
            except zlib.error as error:
                raise Unfetched(f"it comes packed and cannot be unpacked: {error}") from error
            had += len(piece)
            if had > limit:
                raise too_large
            yield piece
        if unpack and not unpack.eof and had:
            raise _Passing("the page broke off", answer.request.url.host, whole=False)

    def _keep_to_robots(self, url: httpx.URL, allow_private: bool) -> None:
        """Raises Unfetched when the site does not want this fetched, and _Passing when it cannot say so: what a site
        whose robots.txt is in trouble allows is not known.
        """
        site = f"{url.scheme}://{url.netloc.decode()}"
        if site not in self._robots:
            rules = self._robots[site] = Protego.parse(self._robots_text(site, allow_private))
            rate = rules.request_rate(AGENT)
            asked = (rules.crawl_delay(AGENT) or 0, rate.seconds / rate.requests if rate and rate.requests else 0)
            self._host(url.host).pause = max(self._limits.pause, *asked)
        if not self._robots[site].can_fetch(str(url), AGENT):
            raise Unfetched(f"the robots.txt of {url.host} does not want it fetched by programs")

    def _robots_text(self, site: str, allow_private: bool) -> str:
        try:
            answer = self._followed(f"{site}/robots.txt", {}, allow_private, robots=False)
        except _Denied:
            # RFC 9309, 2.3.1.3: a site that refuses to show its rules has none.
            return ""
        return answer.content[:_ROBOTS_BYTES].decode(errors="replace") if isinstance(answer, Fetched) else ""

    def _take_turn(self, host_name: str) -> None:
        host = self._host(host_name)
        if host.failures >= self._limits.failures:
            raise HostGivenUp(f"{host_name} has not answered {host.failures} times in a row; try again later")
        wait = host.next_turn - time.monotonic()
        if wait > self._limits.patience:
            raise HostGivenUp(f"{host_name} asks for {wait:.0f} s of rest; run the same command again then")
        if wait > 0:
            self._sleep(wait)
        host.next_turn = time.monotonic() + host.pause

    def _host(self, name: str) -> _Host:
        return self._hosts.setdefault(name, _Host(pause=self._limits.pause))

    @property
    def _client(self) -> httpx.Client:
        """Opened when first needed: most runs read files only."""
        if self._opened is None:
            headers = {
                "User-Agent": self._agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Encoding": "gzip",
            }
            self._opened = httpx.Client(transport=Transport(self._network), headers=headers, timeout=_CONNECTING)
        return self._opened


def user_agent(contact: str = "") -> str:
    """How Communiqué presents itself to sites, with an address for complaints where there is one.

    >>> user_agent("press@example.org")
    'Communique/0.2.0 (reads official press releases; contact: press@example.org)'
    """
    contact = re.sub(r"[^\x21-\x7e ]|[()]", "", contact).strip()
    told = f"; contact: {contact}" if contact else ""
    return f"{AGENT}/{version('communique')} (reads official press releases{told})"


def joined(base: str, target: str) -> str | None:
    """The address that a link on a page leads to, without fragment; None when it leads nowhere."""
    try:
        return urldefrag(urljoin(base, target.strip())).url
    except ValueError:
        return None


def checked(address: str) -> httpx.URL:
    """The address in its parts. Raises Unfetched when it is none that can be fetched."""
    try:
        url = httpx.URL(address)
        # Both must take it, since both are used.
        urlsplit(address)
    except (httpx.InvalidURL, ValueError) as error:
        raise Unfetched(f"{address[:200]!r} is not an address: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Unfetched(f"it leads to {address[:200]!r}; only http and https addresses are fetched")
    if url.userinfo:
        # It would be kept, and shown, as the place where releases come from.
        raise Unfetched("addresses with a name and password in them are not fetched")
    return url


def _is_front_page(address: str) -> bool:
    parts = urlsplit(address)
    return parts.path in ("", "/") and not parts.query


def _declared(headers: httpx.Headers) -> tuple[str, str, str]:
    """Media type, charset and file name as the headers state them."""
    message = Message()
    message["Content-Type"] = headers.get("content-type", "")
    message["Content-Disposition"] = headers.get("content-disposition", "")
    stated = bool(headers.get("content-type"))
    return (
        message.get_content_type() if stated else "",
        (message.get_content_charset() or "") if stated else "",
        message.get_filename() or "",
    )


def _retry_after(value: str) -> float:
    """Seconds from now; 0 for none and for what cannot be read."""
    if value.strip().isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return 0
    return max(0.0, (moment - datetime.now(moment.tzinfo or UTC)).total_seconds()) if moment.tzinfo else 0
