"""Asks a session bus who shows notifications, for `doctor`: the programs that send have no such question."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

from oncall_tui.domain.text import clean

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"


class BusTrouble(Exception):
    """The bus can't be asked; the message says why."""


def notification_service(address: str, *, limit: float = 2.0) -> str:
    """Return name and version of what shows notifications on the bus at `address`, empty for nothing.

    A service that the bus starts when it is needed is `"started when needed"`. Raises `BusTrouble` for a bus
    or a service that can't be reached or doesn't answer within `limit` seconds.
    """
    found: list[str | BusTrouble] = []

    def ask() -> None:
        try:
            found.append(_service(address, limit))
        except BusTrouble as trouble:
            found.append(trouble)
        except Exception as error:  # noqa: BLE001 - whatever it is that the other side says
            found.append(BusTrouble(_why(error)))

    # Not every step of the library has a limit of its own.
    thread = threading.Thread(target=ask, name="oncall-bus", daemon=True)
    thread.start()
    thread.join(limit)
    answer = found[0] if found else BusTrouble("no answer")
    if isinstance(answer, BusTrouble):
        raise answer
    return answer


def _service(address: str, limit: float) -> str:
    from jeepney import DBusAddress, new_method_call
    from jeepney.bus import get_connectable_addresses
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import DBusConnection, prep_socket

    try:
        place = next(get_connectable_addresses(address))
    except (RuntimeError, ValueError):
        raise BusTrouble("its address is of a kind that can't be asked") from None
    with closing(prep_socket(place, timeout=limit)) as socket:
        bus = DBusConnection(socket)

        def call(message: Any) -> tuple[Any, ...]:
            return tuple(bus.send_and_get_reply(message, timeout=limit).body)

        if call(message_bus.NameHasOwner(NAME))[0]:
            service = DBusAddress(PATH, bus_name=NAME, interface=NAME)
            name, _vendor, version, *_ = call(new_method_call(service, "GetServerInformation"))
            return clean(f"{name} {version}", limit=80)
        return "started when needed" if NAME in call(message_bus.ListActivatableNames())[0] else ""


def _why(error: Exception) -> str:
    from jeepney.auth import AuthenticationError

    match error:
        case TimeoutError():
            return "no answer"
        case AuthenticationError():
            return "it doesn't let us in"
        case BrokenPipeError() | ConnectionResetError() | EOFError():
            return "it hangs up"
        case OSError():
            return error.strerror or str(error)
        case _:
            return "the answer can't be read"
