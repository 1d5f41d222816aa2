"""Request Tracker's REST 2.0 over HTTP: requests, and in plain words what may come instead of an answer.

Neither the token nor what anybody wrote stands in an address, so that no log has it.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import httpx

from oncall_tui.domain.correspondence import SourceAccess, SourceUnavailable
from oncall_tui.domain.errors import BadSettings
from oncall_tui.domain.text import clean

CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0

PAGE = 100
"""Items of an answer at most, whatever is asked for."""

_API = "/REST/2.0"
_SAID_LIMIT = 200
_BROKEN_OFF = "broke the connection off"
_WRONG_ADDRESS = "name the address below which the pages of Request Tracker are, as in https://rt.example"


class NoAnswer(SourceUnavailable):
    """No answer came. `asked` says that the server may have got the request, `late` that it may still be
    at it.
    """

    def __init__(self, message: str, *, asked: bool, late: bool, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.asked = asked
        self.late = late


class Denied(SourceUnavailable):
    """The server answered that it won't; `status` is HTTP's, `said` what it says, clean."""

    def __init__(self, message: str, status: int, said: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.said = said


class Answer(NamedTuple):
    """What the server answered: `body` is the JSON, `etag` the version of a ticket, `location` what was
    made, `at` the server's clock (UTC).
    """

    body: Any
    etag: str
    location: str
    at: datetime


class Found(NamedTuple):
    """A page of a search: its `items`, how many there are in all (0 where RT doesn't say), and RT's clock."""

    items: list[dict[str, Any]]
    total: int
    at: datetime


class Client:
    """The REST of one Request Tracker. One thread at a time."""

    def __init__(
        self,
        access: SourceAccess,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Raises `BadSettings` for an address that isn't one, or that encrypts nothing on the way."""
        url = _address(access)
        self._setting = f"sources.{access.name}"
        self.place = f"{url.scheme}://{_host(url)}{url.path}"
        self._api = f"{self.place}{_API}"
        self._ca_file = access.ca_file
        self._secret = access.secret
        self._timeout = httpx.Timeout(read_seconds, connect=connect_seconds)
        self._times = connect_seconds, read_seconds
        # A proxy that the environment names would get what never leaves this machine.
        self._trust_env = not _is_loopback(url)
        self._http: httpx.Client | None = None

    def get(self, path: str) -> Answer:
        """Read what is at `path`."""
        return self._read("GET", path)

    def search(self, path: str, query: str, **parameters: str) -> Found:
        """Return a page of what `query`, in RT's own language of queries, finds."""
        form = {"query": query, "per_page": str(PAGE), **parameters}
        answer = self._read("POST", path, data=form)
        return Found(_items(answer.body, self.place), _count(answer.body.get("total")), answer.at)

    def limited(
        self, path: str, limits: Sequence[Mapping[str, str]], **parameters: str
    ) -> list[dict[str, Any]]:
        """Return a page of what all `limits` let through, one of them for a field that is named twice."""
        parameters = {"per_page": str(PAGE), **parameters}
        answer = self._read("POST", path, params=parameters, json=list(limits))
        return _items(answer.body, self.place)

    def write(self, method: str, path: str, body: Mapping[str, str], version: str = "") -> Answer:
        """Change what is at `path`, where `version` is given only if that is the last one. Asked once."""
        return self._ask(method, path, json=body, headers={"If-Match": f'"{version}"'} if version else {})

    def close(self) -> None:
        """Give back the connection; the next request connects anew."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _read(self, method: str, path: str, **more: Any) -> Answer:
        try:
            return self._ask(method, path, **more)
        except NoAnswer as error:
            if not error.asked or error.late:
                raise
        # The connection may have been left since the last request: reading twice does no harm.
        self.close()
        return self._ask(method, path, **more)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        try:
            response = self._connection().request(method, f"{self._api}/{path}", **more)
        except httpx.InvalidURL as error:
            raise BadSettings(f"{self._setting}.url: {error}", hint=_WRONG_ADDRESS) from None
        except httpx.HTTPError as error:
            self.close()
            raise self._no_answer(error) from None
        return self._understood(response)

    def _connection(self) -> httpx.Client:
        if self._http is None:
            # Made when it is needed: a wrong file or token is told where the source is asked.
            self._http = httpx.Client(
                headers={"Authorization": f"token {self._token()}", "Accept": "application/json"},
                verify=self._trusted(),
                timeout=self._timeout,
                trust_env=self._trust_env,
            )
        return self._http

    def _token(self) -> str:
        token = self._secret().strip()
        if not token or not token.isascii() or not token.isprintable():
            raise BadSettings(
                f"{self._setting}: the token is empty or has characters that no token has",
                hint=f"set it with: oncall-tui source secret {self._setting.partition('.')[2]}",
            )
        return token

    def _trusted(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._ca_file)
        except (OSError, ssl.SSLError) as error:
            raise BadSettings(
                f"{self._setting}.ca_file: can't read certificates from {self._ca_file}: "
                f"{error.strerror or 'no certificate in it'}",
                hint="name a file of certificates in PEM",
            ) from None

    def _no_answer(self, error: httpx.HTTPError) -> NoAnswer:
        connect, read = self._times
        hint = ""
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            said = f"doesn't answer within {connect:g} s"
        elif isinstance(error, httpx.ConnectError):
            said, hint = _why_not_connected(error)
        elif isinstance(error, httpx.TimeoutException):
            said = f"didn't answer within {read:g} s"
        elif isinstance(error, httpx.UnsupportedProtocol | httpx.ProxyError):
            said = "can't be reached: " + clean(str(error), limit=_SAID_LIMIT)
        else:
            said = _BROKEN_OFF
        late = isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout)
        return NoAnswer(f"{self.place} {said}", asked=late or said == _BROKEN_OFF, late=late, hint=hint)

    def _understood(self, response: httpx.Response) -> Answer:
        status = response.status_code
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        body = _json(response) if is_json else None
        if status == httpx.codes.UNAUTHORIZED:
            raise Denied(
                f"{self.place} doesn't know the token",
                status,
                "",
                hint="make one in RT under Settings, Auth Tokens; oncall-tui source secret stores it",
            )
        if response.is_redirect:
            raise Denied(f"{self.place} sends on to another address ({status})", status, "", _WRONG_ADDRESS)
        if response.is_error:
            said = clean(str(body.get("message", "")), limit=_SAID_LIMIT) if isinstance(body, dict) else ""
            raise Denied(f"{self.place} says: {said or response.reason_phrase} ({status})", status, said)
        if body is None:
            raise Denied(f"{self.place} doesn't answer as Request Tracker does", status, "", _WRONG_ADDRESS)
        return Answer(
            body,
            response.headers.get("ETag", "").removeprefix("W/").strip('"'),
            response.headers.get("Location", ""),
            _clock(response.headers.get("Date", "")),
        )


def every_page(
    read: Callable[[int], list[dict[str, Any]]], after: int = 0, *, gaps: bool = True
) -> list[dict[str, Any]]:
    """Return all that `read` gives when it is asked for what comes after an id.

    With `gaps` what the account may not see is missing on a page, so that a short one needn't be the last.
    """
    found: list[dict[str, Any]] = []
    while page := read(after):
        found += page
        after = max(int(item["id"]) for item in page)
        if not gaps and len(page) < PAGE:
            break
    return found


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _items(body: Any, place: str) -> list[dict[str, Any]]:
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise Denied(f"{place} doesn't answer as Request Tracker does", httpx.codes.OK, "", _WRONG_ADDRESS)
    return [item for item in items if isinstance(item, dict) and _count(item.get("id"))]


def _count(value: object) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else 0


def _clock(date: str) -> datetime:
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


def _why_not_connected(error: httpx.ConnectError) -> tuple[str, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = clean(cause.verify_message, limit=_SAID_LIMIT)
            return f"shows a certificate that isn't trusted: {why}", "name the right one's issuer in ca_file"
        if isinstance(cause, ssl.SSLError):
            return "doesn't speak TLS as it should", "a plain http:// is for this machine only"
        if isinstance(cause, OSError) and cause.strerror:
            return f"can't be reached: {cause.strerror}", ""
        cause = cause.__cause__ or cause.__context__
    return "can't be reached: " + clean(str(error), limit=_SAID_LIMIT), ""


def _address(access: SourceAccess) -> SplitResult:
    key = f"sources.{access.name}.url"
    try:
        url = urlsplit(access.url.strip())
        host, _port = url.hostname, url.port
    except ValueError as error:
        raise BadSettings(f"{key}: {error}", hint=_WRONG_ADDRESS) from None
    if url.scheme not in ("https", "http") or not host:
        raise BadSettings(f"{key} is no address of Request Tracker", hint=_WRONG_ADDRESS)
    if url.scheme == "http" and not _is_loopback(url):
        raise BadSettings(f"{key}: http encrypts nothing, and {host} is another machine", hint="use https")
    path = url.path.rstrip("/")
    if path.endswith(_API):
        path = path[: -len(_API)]
    return url._replace(path=path, query="", fragment="")


def _host(url: SplitResult) -> str:
    return url.netloc.rpartition("@")[2]


def _is_loopback(url: SplitResult) -> bool:
    host = url.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
