"""Open a language model by name: where it is, what it needs, and how it is asked for JSON.

To add one, put a row into `LLMS`: an adapter of llama-index, the extra that installs it, and the arguments that make
its server keep to a JSON schema, if it can. A name is KIND:MODEL, such as "ollama:qwen2.5:7b"; without a kind of the
table it is a model at an OpenAI-compatible server.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import httpx
    from llama_index.core.llms import LLM

NO_LLM = "quotes"
"""The name that asks for answers without a language model where the environment names one."""

_DEFAULT_KIND = "server"
_SECONDS = 60.0
# Three sentences with their quotes; a model that rambles is cut off.
_TOKENS = 600


@dataclass(frozen=True)
class Settings:
    """What a model is opened with. `seconds` is how long a reply may take; it is looked at
    whenever a piece of it comes, and no piece is waited for longer.
    """

    model: str
    address: str
    key: str | None
    seconds: float


@dataclass(frozen=True)
class Kind:
    """A row of LLMS. `extra` installs the adapter; `addresses` are variables that may hold the server's address, the
    first that is set counts; without any, `address` is where it is. `keys` are the variables of the key: where there
    are several addresses, each has its own, so that none is sent to another's server.
    """

    extra: str
    open: Callable[[Settings], "LLM"]
    schema: Callable[[Mapping[str, Any]], dict[str, Any]]
    addresses: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    address: str | None = None
    needs_key: bool = False


@dataclass(frozen=True)
class OpenedLLM:
    """A model ready to be asked. `host` says where question and paragraphs go; `schema` are the arguments that make the
    server keep to a JSON schema, none where it cannot.
    """

    name: str
    host: str
    llm: "LLM"
    schema: Callable[[Mapping[str, Any]], dict[str, Any]]
    seconds: float


def open_llm(name: str, address: str | None = None, key: str | None = None, seconds: float | None = None) -> OpenedLLM:
    """The model of that name. What is not given is taken from the variables of its row in LLMS and from
    COMMUNIQUE_LLM_SECONDS. Nothing is sent yet.

    Raises ValueError, in one line that says what to do, for a name without a model, and where an address, a key or the
    adapter is missing.
    """
    kind_name, model = _kind_and_model(name)
    kind = LLMS[kind_name]
    keys = kind.keys
    if not address and (set_one := next((name for name in kind.addresses if _first(name)), None)):
        address = _first(set_one)
        if len(kind.addresses) == len(keys):
            keys = (keys[kind.addresses.index(set_one)],)
    address = address or kind.address
    key = key or _first(*keys)
    if not address:
        wanted = " or ".join(kind.addresses)
        raise ValueError(f"--llm {name}: set {wanted} to a server, for instance http://127.0.0.1:11434/v1")
    if not _is_address(address := _with_scheme(address, kind)):
        raise ValueError(
            f"--llm {name}: {address} is no address of a server; give one such as http://127.0.0.1:11434/v1"
        )
    if kind.needs_key and not key:
        raise ValueError(f"--llm {name}: set {' or '.join(kind.keys)} to your key")
    settings = Settings(model, address, key, seconds or _seconds())
    try:
        llm = kind.open(settings)
    except ImportError:
        raise ValueError(f"--llm {name} needs an adapter: pip install 'communique[{kind.extra}]'") from None
    return OpenedLLM(name, _host(address), llm, kind.schema, settings.seconds)


def _with_scheme(address: str, kind: Kind) -> str:
    """ "127.0.0.1", as Ollama's own variable may have it, is at the port of the row's own address."""
    if "://" in address:
        return address
    port = urlsplit(kind.address).port if kind.address else None
    return f"http://{address}" if ":" in address or not port else f"http://{address}:{port}"


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _kind_and_model(name: str) -> tuple[str, str]:
    kind, colon, model = name.partition(":")
    if not colon or kind not in LLMS:
        kind, model = (name, "") if name in LLMS else (_DEFAULT_KIND, name)
    if not model.strip():
        raise ValueError(f"there is no language model {name!r}: name one as KIND:MODEL, KIND one of {', '.join(LLMS)}")
    return kind, model.strip()


def _first(*names: str) -> str | None:
    return next((value for name in names if (value := os.environ.get(name, "").strip())), None)


def _seconds() -> float:
    given = _first("COMMUNIQUE_LLM_SECONDS")
    try:
        seconds = float(given) if given else _SECONDS
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ValueError(f"COMMUNIQUE_LLM_SECONDS is {given!r}; give a number of seconds, for instance 60")
    return seconds


def _host(address: str) -> str:
    """ "127.0.0.1:11434", without a path, a user's name or a password that the address may hold."""
    parts = urlsplit(address)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _server(settings: Settings) -> "LLM":
    from llama_index.llms.openai_like import OpenAILike

    # Its declared arguments leave out the client, which it takes and hands on.
    adapter: Any = OpenAILike
    made: LLM = adapter(
        model=settings.model,
        api_base=settings.address,
        # Servers of one's own mostly want no key, the client does.
        api_key=settings.key or "none",
        is_chat_model=True,
        temperature=0.0,
        max_tokens=_TOKENS,
        timeout=settings.seconds,
        # A second try would only add to the reader's waiting; quotes are at hand.
        max_retries=0,
        http_client=_plain_client(settings.seconds),
    )
    return made


def _openai(settings: Settings) -> "LLM":
    from llama_index.llms.openai import OpenAI

    return OpenAI(
        model=settings.model,
        api_base=settings.address,
        api_key=settings.key,
        temperature=0.0,
        max_tokens=_TOKENS,
        timeout=settings.seconds,
        max_retries=0,
        http_client=_plain_client(settings.seconds),
    )


def _ollama(settings: Settings) -> "LLM":
    from llama_index.llms.ollama import Ollama

    made: LLM = Ollama(
        model=settings.model,
        base_url=settings.address,
        temperature=0.0,
        request_timeout=settings.seconds,
        additional_kwargs={"num_predict": _TOKENS},
        # As many tokens as the prompt and the reply may have; the server's own default may be half of that.
        context_window=8192,
    )
    return made


def _anthropic(settings: Settings) -> "LLM":
    from llama_index.llms.anthropic import Anthropic

    made: LLM = Anthropic(
        model=settings.model,
        base_url=settings.address,
        api_key=settings.key,
        temperature=0.0,
        max_tokens=_TOKENS,
        timeout=settings.seconds,
        max_retries=0,
    )
    return made


def _plain_client(seconds: float) -> "httpx.Client":
    """A client that tells the server nothing of this machine, as the adapter's own would in its headers."""
    import httpx

    def told_nothing(request: "httpx.Request") -> None:
        for header in [h for h in request.headers if h.lower().startswith(("x-stainless", "openai-"))]:
            del request.headers[header]
        request.headers["User-Agent"] = "communique"

    return httpx.Client(timeout=seconds, event_hooks={"request": [told_nothing]})


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {"name": "answer", "schema": dict(schema), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


LLMS: dict[str, Kind] = {
    "server": Kind(
        "llm",
        _server,
        _response_format,
        ("COMMUNIQUE_LLM_URL", "OPENAI_BASE_URL"),
        ("COMMUNIQUE_LLM_KEY", "OPENAI_API_KEY"),
    ),
    "ollama": Kind(
        "ollama",
        _ollama,
        lambda schema: {"format": dict(schema)},
        ("OLLAMA_HOST",),
        address="http://127.0.0.1:11434",
    ),
    "openai": Kind(
        "openai",
        _openai,
        _response_format,
        keys=("OPENAI_API_KEY",),
        address="https://api.openai.com/v1",
        needs_key=True,
    ),
    "anthropic": Kind(
        "anthropic",
        _anthropic,
        # Its adapter takes none; the prompt alone asks for the form.
        lambda _schema: {},
        keys=("ANTHROPIC_API_KEY",),
        address="https://api.anthropic.com",
        needs_key=True,
    ),
}
"""Each kind of model by the word before the colon."""
