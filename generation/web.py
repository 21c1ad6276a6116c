"""HTTP to an image service: each request is sent once, never redirected, capped, and its failure told by kind.

`post` orders, `get` asks and `fetch` brings a result; nothing here sends anything twice. Everything a service says is
data from outside: it is cut to size before it goes into a row, and the key never comes back out of it.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from generation import answers
from generation.provider import Connection, ErrorKind, Order, ProviderError

MOST_BYTES = 64 * 2**20  # of one answer: a picture of 4096 x 4096 in 16 bits, base64 and all
CONNECT_SECONDS, WRITE_SECONDS, ASK_SECONDS, FETCH_SECONDS = 10, 30, 30, 120
SILENCE_SECONDS = 60  # within an answer that has begun: what computes is done by then
LONGEST_PATIENCE_SECONDS = 60  # between two free questions, whatever the service says: whoever asks holds a slot
# What an order's options say beside options: what its image is to show, and what its maker knows of the source.
FACTS = {"modality", "body_part", "view_position", "laterality", "patient_sex", "pathology", "defects", "source"}


# -- the table ---------------------------------------------------------------------------------------------------------
def verdict(
    outcome: int | httpx.HTTPError, *, is_paid: bool = True, is_free_when_busy: bool = True
) -> tuple[ErrorKind, str, bool]:
    """What a failed request means: its kind, a code, and whether the rest of the batch would fail just so.

    outcome: the status of an answer that is neither image nor refusal, or what broke on the way.
    is_paid: it may have bought something; is_free_when_busy: the service says that a 503 costs nothing.
    """
    not_known = ErrorKind.LOST if is_paid else ErrorKind.UNAVAILABLE
    match outcome:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError():  # refused, no such name, bad TLS
            return ErrorKind.UNAVAILABLE, "no_connection", False
        case httpx.TimeoutException():
            return not_known, "no_answer", False
        case httpx.HTTPError():  # dropped, or half of an answer
            return not_known, "connection_dropped", False
        case 401 | 403:
            return ErrorKind.REJECTED, "bad_key", True
        case 402:
            return ErrorKind.REJECTED, "no_credit", True
        case 429:
            return ErrorKind.THROTTLED, "throttled", False
        case 503:
            return (ErrorKind.UNAVAILABLE if is_free_when_busy else not_known), "busy", False
        case 408:  # it may have got all of the order before it lost patience
            return not_known, "http_408", False
        case _ if 400 <= outcome < 500:
            return ErrorKind.REJECTED, f"http_{outcome}", False
        case _ if 300 <= outcome < 400 and not is_paid:
            return ErrorKind.REJECTED, f"http_{outcome}", False
        case _:  # 500, 502, 504; a redirect, which may come after the work; a success without a result
            return not_known, f"http_{outcome}", False


@dataclass(frozen=True)
class Service:
    """One image service: its address and key, how the key is shown to it, and where its results may lie.

    own_hosts: names under which it keeps what it made (`bfl.ai` stands for everything below it too).
    is_free_when_busy: it says that a 503 costs nothing; a gateway before it may have had the work done.
    """

    name: str
    address: str
    connection: Connection
    key_headers: Callable[[str], Mapping[str, str]]
    needs_key: bool = True
    own_hosts: Sequence[str] = ()
    is_free_when_busy: bool = True

    @property
    def url(self) -> str:
        return (self.connection.base_url or self.address).rstrip("/")

    @property
    def is_here(self) -> bool:
        """Whether what is sent stays on this machine."""
        return not self.problems() and is_loopback(httpx.URL(self.url).host)

    def problems(self) -> list[str]:
        """A sentence where the address can't be used; the key is not looked at."""
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL:
            return [f"The address of {self.name} is none."]
        if url.userinfo or url.query or url.fragment or not re.fullmatch(r"[\w.:-]+", url.host):
            return [f"The address of {self.name} must be a host and perhaps a path, nothing else."]
        if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.host)):
            return [f"The address of {self.name} must begin with https://; http:// is for this machine alone."]
        return []

    # -- three kinds of request ---------------------------------------------------------------------------------------
    def post(
        self, path: str, *, seconds: float, is_paid: bool = True, headers: Mapping[str, str] | None = None, **body: Any
    ) -> answers.Answer:
        """The answer to one order, whatever its status; `body` is httpx's json or files. Raises ProviderError."""
        return self._send("POST", self.url + path, seconds, is_paid, {**self._headers(), **(headers or {})}, **body)

    def forward(
        self, method: str, url: str, seconds: float, headers: Mapping[str, str], content: bytes
    ) -> answers.Answer:
        """The answer to one order that the service's own library has put together. Raises ProviderError."""
        own_headers = self._headers()
        if not self._is_base(url):
            words = f"The library of {self.name} would send the order to another address than the service's."
            raise ProviderError(ErrorKind.REJECTED, "strange_host", words)
        return self._send(method, url, seconds, True, {**headers, **own_headers}, content=content)

    def get(self, path: str, **query: str) -> answers.Answer:
        """The answer to a free question, always a 200; `path` may be a whole address that the service gave.

        Raises ProviderError.
        """
        url = self.url + path if path.startswith("/") else path
        self._check_host(url)
        # A gateway's key is a key of its own: the hosts of the service behind it don't get to see that.
        headers = self._headers() if self._is_base(url) or self._is_direct else {}
        return self._good(self._send("GET", url, ASK_SECONDS, False, headers, params=query or None))

    def fetch(self, url: str) -> bytes:
        """What lies at an address the service gave as its result, without showing it the key. Raises ProviderError."""
        self._check_host(url)
        answer = self._send("GET", url, FETCH_SECONDS, False, {})
        if answer.status in (401, 403, 404, 410):
            raise self.lost("result_gone", f"no longer has what it made: it answered {answer.status}.")
        return self._good(answer).body

    def failed(self, answer: answers.Answer, *, is_paid: bool = True) -> ProviderError:
        """The error that an answer without image or refusal is."""
        is_free_when_busy = self.is_free_when_busy and (self.is_here or self._is_direct)
        kind, code, stops = verdict(answer.status, is_paid=is_paid, is_free_when_busy=is_free_when_busy)
        wait_seconds = answer.retry_after_seconds
        if wait_seconds is not None and not is_paid:
            wait_seconds = min(wait_seconds, LONGEST_PATIENCE_SECONDS)
        return ProviderError(
            kind,
            code,
            f"{self.name} answered {answer.status}: {self.words(answer.json() or answer.body[: answers.MOST_WORDS])}",
            retry_after_seconds=wait_seconds,
            stops_batch=stops,
            provider_request_id=answer.request_id,
        )

    def lost(self, code: str, message: str, request_id: str = "") -> ProviderError:
        """The error of an order that was taken and gave nothing we can use."""
        message = f"{self.name} {self.words(message)}"
        return ProviderError(ErrorKind.LOST, code, message, provider_request_id=answers.plain(request_id, 200))

    def failed_for_free(self, code: str, message: str, request_id: str) -> ProviderError:
        """The error of an order that was taken and, as the service itself says, failed at no cost."""
        message, request_id = f"{self.name} {self.words(message)}", answers.plain(request_id, 200)
        return ProviderError(ErrorKind.REJECTED, code, message, is_of_order=True, provider_request_id=request_id)

    def words(self, said: Any) -> str:
        """What a service said, as one short line without the key."""
        line = " ".join(answers.sentences(said).split())
        if self._key:
            line = line.replace(self._key, "[key]")
        return answers.plain(line, answers.MOST_WORDS) or "no words"

    # -- parts of the above -------------------------------------------------------------------------------------------
    @property
    def _key(self) -> str:
        return self.connection.key.strip()  # a key out of a file ends with a line's end

    def _headers(self) -> dict[str, str]:
        """The headers that show the key; a missing or unusable one is found before anything is sent."""
        problems, key = self.problems(), self._key
        if problems:
            raise ProviderError(ErrorKind.REJECTED, "bad_address", " ".join(problems), stops_batch=True)
        if self.needs_key and not key:
            told = f"The worker that orders knows no key for {self.name}: set {self.connection.name}_API_KEY"
            words = f"{told} in its environment, start it anew, and order what failed again."
            raise ProviderError(ErrorKind.REJECTED, "no_key", words, stops_batch=True)
        if key and not (key.isascii() and key.isprintable()):
            words = f"The key for {self.name} holds characters that no key has."
            raise ProviderError(ErrorKind.REJECTED, "bad_key", words, stops_batch=True)
        return dict(self.key_headers(key)) if key else {}

    def _send(
        self, method: str, url: str, seconds: float, is_paid: bool, headers: Mapping[str, str], **body: Any
    ) -> answers.Answer:
        deadline = time.monotonic() + seconds
        limits = httpx.Timeout(seconds, connect=CONNECT_SECONDS, write=WRITE_SECONDS)
        # Proxies of the environment lead outside: what is meant for this machine must not take them.
        client = httpx.Client(
            timeout=limits, follow_redirects=False, verify=_tls(), trust_env=not is_loopback(httpx.URL(url).host)
        )
        try:
            with client, client.stream(method, url, headers={"User-Agent": "radiorate", **headers}, **body) as response:
                response.request.extensions["timeout"]["read"] = min(seconds, SILENCE_SECONDS)
                parts, length = [], 0
                for part in response.iter_bytes():
                    parts.append(part)
                    length += len(part)
                    if length > MOST_BYTES:
                        raise self._cut_off("too_large", f"sent more than {MOST_BYTES} bytes.", is_paid)
                    if time.monotonic() > deadline:
                        raise self._cut_off("no_answer", f"was not done after {seconds:g} seconds.", is_paid)
                return answers.Answer(response.status_code, response.headers, b"".join(parts))
        except httpx.HTTPError as error:
            kind, code, _ = verdict(error, is_paid=is_paid)
            words = f"{self.name}: {type(error).__name__}: {self.words(str(error))}"
            raise ProviderError(kind, code, words) from error

    def _cut_off(self, code: str, message: str, is_paid: bool) -> ProviderError:
        # A result that is too large once is so the next time as well.
        kind = ErrorKind.LOST if is_paid or code == "too_large" else ErrorKind.UNAVAILABLE
        return ProviderError(kind, code, f"{self.name} {message}")

    def _good(self, answer: answers.Answer) -> answers.Answer:
        if answer.status != 200:
            raise self.failed(answer, is_paid=False)
        return answer

    def _is_base(self, url: str) -> bool:
        """Whether an address has scheme, host and port of the one that the key is for."""
        target, base = httpx.URL(url), httpx.URL(self.url)
        is_same_host = target.host == base.host or (is_loopback(target.host) and is_loopback(base.host))
        return is_same_host and (target.scheme, target.port, target.userinfo) == (base.scheme, base.port, b"")

    @property
    def _is_direct(self) -> bool:
        """Whether the address is the service's own, and not a gateway's."""
        return self._is_its_own(httpx.URL(self.url).host)

    def _is_its_own(self, host: str) -> bool:
        own_hosts = {httpx.URL(self.address).host, *self.own_hosts}
        return any(host == own or host.endswith(f".{own}") for own in own_hosts)

    def _check_host(self, url: str) -> None:
        """Refuse an address that is not the service's own; raises ProviderError.

        The name must be one of its own, over https and on the usual port; so whoever answers there must hold that
        name's certificate, even if the name should lead elsewhere after it was looked up here.
        """
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            raise self.lost("strange_host", "gave an address that is none.") from None
        if self._is_base(url):
            return
        if not self._is_its_own(target.host) or target.scheme != "https" or target.port is not None or target.userinfo:
            raise self.lost("strange_host", f"gave an address at {target.host}, which is not its own.")
        try:
            found = {entry[4][0] for entry in socket.getaddrinfo(target.host, 443, type=socket.SOCK_STREAM)}
        except OSError as error:
            words = f"{self.name}: {target.host} is not to be found: {error}"
            raise ProviderError(ErrorKind.UNAVAILABLE, "no_connection", words) from error
        if not all(ipaddress.ip_address(address).is_global for address in found):
            raise self.lost("private_host", f"gave an address at {target.host}, which leads into a private network.")


# -- what providers read and write -------------------------------------------------------------------------------------
def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic_or_bearer(key: str) -> dict[str, str]:
    """A key `user:password` as a server's own sign-in, any other as a gateway's."""
    if ":" not in key:
        return bearer(key)
    return {"Authorization": f"Basic {base64.b64encode(key.encode()).decode()}"}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def unknown_options(options: Mapping[str, Any], order: Order, known: Iterable[str]) -> list[str]:
    """A sentence on the options of a generator and its order that nothing would look at; empty when all are known."""
    strange = sorted((set(options) | set(order.options) - FACTS) - set(known))
    choice = ", ".join(sorted(known)) or "none at all"
    return [f"There is no option {', '.join(strange)}; there are: {choice}."] if strange else []


def options_of(options: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """A generator's options with those of the order over them, its facts left out."""
    return {**options, **{name: value for name, value in order.options.items() if name not in FACTS}}


def needed(picture: bytes | None, what: str) -> bytes:
    """The picture an order must have; raises the ProviderError of an order without it."""
    if picture is None:
        raise ProviderError(ErrorKind.REJECTED, "incomplete", f"The order came without {what}.")
    return picture


def refuse_impossible(problems: Sequence[str]) -> None:
    """Raise the ProviderError of an order that can't be filled, before anything is sent."""
    if problems:
        raise ProviderError(ErrorKind.REJECTED, "impossible", " ".join(problems))


@cache
def _tls() -> ssl.SSLContext:
    # Reading the certificates takes as long as a request: it is done once.
    return httpx.create_ssl_context()
