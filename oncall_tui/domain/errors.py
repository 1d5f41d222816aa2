"""What can go wrong, in words an engineer can act on.

Every error that reaches a person is an `OncallError`: a title, a message that says what, where and
what is allowed, a hint for the next step, and the rule behind a refusal. The command line turns the
class into an exit code, a screen turns it into a status line.
"""

from __future__ import annotations


class OncallError(Exception):
    """An error with words for a person.

    `rule` names the numbered rule behind it ("R21"), or is None. `exit_code` is what the command
    line ends with.
    """

    title = "Something went wrong"
    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        rule: str | None = None,
        title: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.rule = rule
        if title is not None:
            self.title = title

    def __str__(self) -> str:
        return self.message


class Refused(OncallError):
    """A rule forbids the act; nothing was changed."""

    title = "Refused"
    exit_code = 1


class Conflict(Refused):
    """Somebody else changed the ticket between the look and the act; nothing was changed."""

    title = "Changed meanwhile"


class BadInput(OncallError):
    """The command line, a file or a value can't be used as it stands."""

    title = "Can't use this input"
    exit_code = 2


class BadSettings(BadInput):
    """The settings file names something unknown, or a value out of its range."""

    title = "Settings"


class NotFound(OncallError):
    """Nothing goes by that reference."""

    title = "Not found"
    exit_code = 3


class MustWait(OncallError):
    """A limit was reached (R18)."""

    title = "Wait"
    exit_code = 4


class StoreUnavailable(OncallError):
    """The database can't be reached, opened, read or written."""

    title = "Store"
    exit_code = 5
