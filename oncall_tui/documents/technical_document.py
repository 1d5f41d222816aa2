"""The technical document as a PDF (R25): one page of A4, calm enough to be read when everything is down.

From top to bottom: whose it is; the code and the number, large; what to do when something is down; hours,
people, services; how to keep the page. Whatever is too long becomes smaller, then another line, then is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from oncall_tui.documents.sheet import BLACK, GREY, HEIGHT, POINT, WIDTH, Sheet
from oncall_tui.documents.words import Words, words_in
from oncall_tui.domain.clock import to_local
from oncall_tui.domain.codes import grouped
from oncall_tui.domain.customers import Manager
from oncall_tui.domain.hours import OpeningHours
from oncall_tui.domain.support import dialled
from oncall_tui.domain.technical_document import TechnicalDocument

LEFT, RIGHT, TOP, BOTTOM = 22.0, WIDTH - 22.0, 21.0, HEIGHT - 18.0
GUTTER = 10.0
QR_SIDE = 36.0
LABEL = 46.0
"""How wide the first column is, that says what a line is about."""

SMALL, BODY, HEADING = 7.8, 9.2, 11.0
LEADING = 1.42
"""From line to line, in sizes of the letters."""

_NAME_SIZES = (25.0, 22.0, 19.0, 16.0, 14.0, 12.0)
_CODE_SIZES = (31.0, 27.0, 23.0, 19.0, 16.0, 13.0, 11.0, 9.0)
_PHONE_SIZES = (19.0, 16.0, 13.0, 11.0, 9.0)

STEP = BODY * POINT * LEADING
UNDER_HEADING, UNDER_ROW, BETWEEN = 1.6, 0.9, 9.2
ROW = STEP + UNDER_ROW

_STEP_LINES, _ALL_SERVICES = 8, 40
"""More lines than the steps of a row, or the services of an organisation, ever leave room for."""


def render(document: TechnicalDocument) -> bytes:
    """Return the page as a PDF. It is the same for the same document, and never more than one page."""
    return _Page(document).drawn()


class _Page:
    def __init__(self, document: TechnicalDocument) -> None:
        self.document = document
        self.words: Words = words_in(document.language)
        title = f"{self.words.title} {document.number}, {document.name}"
        self.sheet = Sheet(title, document.support.name, document.language, document.issued_at)
        self.y = TOP

    def drawn(self) -> bytes:
        self._head()
        self._code_and_number()
        foot = self._foot()
        # What everything below takes at least, from the foot upwards.
        services = BETWEEN + UNDER_HEADING + STEP
        people = BETWEEN + UNDER_HEADING + 2 * ROW if self.document.advice is not None else 0.0
        ways = self._ways()
        reach = BETWEEN + UNDER_HEADING + len(ways) * ROW
        # And at most: no service and nobody gives way to steps on lines of their own.
        further = (len(self._service_lines(_ALL_SERVICES)) - 1) * STEP
        if self.document.advice is not None:
            called = [self._label(self._called(each), 2) for each in self.document.managers]
            further += sum(len(lines) for lines in called[1:]) * ROW
        self._when_down(foot - services - people - reach, foot - services - people - reach - further)
        self._reach(ways, foot - services - people)
        self._people(foot)
        self._services(foot)
        return self.sheet.finished()

    # From top to bottom

    def _head(self) -> None:
        document, words, sheet = self.document, self.words, self.sheet
        issued = words.dated(to_local(document.issued_at, document.zone).date())
        issue = words.issue.format(number=document.number, date=issued)
        sheet.put_right(RIGHT, self.y, sheet.printable(issue), BODY, ink=GREY)
        room = RIGHT - LEFT - sheet.width(issue, BODY) - GUTTER
        x = LEFT
        if document.support.name:
            by = self._one_line(document.support.name, BODY, room / 2, bold=True)
            sheet.put(x, self.y, by, BODY, bold=True)
            x += sheet.width(by, BODY, bold=True) + 3.2
        sheet.put(x, self.y, self._one_line(words.title, BODY, room / 2), BODY, ink=GREY)
        self.y += 5.0
        size, lines = sheet.fitted(document.name, _NAME_SIZES, RIGHT - LEFT, 2, bold=True)
        for line in lines:
            self.y += size * POINT * 1.24
            sheet.put(LEFT, self.y, line, size, bold=True)
        self.y += 6.6
        sheet.put(LEFT, self.y, self._one_line(self._plan(), BODY + 1, RIGHT - LEFT), BODY + 1)
        self.y += 6.5

    def _plan(self) -> str:
        document, words = self.document, self.words
        parts = [words.plan.format(plan=document.plan.value.capitalize())]
        if document.response is not None:
            parts.append(words.response.format(length=words.length(document.response)))
        parts.append(words.reference.format(customer=document.customer))
        return ", ".join(parts)

    def _code_and_number(self) -> None:
        document, words, sheet = self.document, self.words, self.sheet
        sheet.rule(LEFT, self.y, RIGHT - LEFT)
        top = self.y + 9.0
        width = RIGHT - LEFT - QR_SIDE - GUTTER
        self.y = top
        self._small(words.code)
        code = grouped(document.code.reveal())
        size, lines = sheet.fitted(code, _CODE_SIZES, width, 1, bold=True)
        self.y += 11.2
        sheet.put(LEFT - 0.4, self.y, lines[0], size, bold=True)
        self.y += 1.6
        self._paragraph(words.code_help, SMALL, width, 2, ink=GREY)
        self.y += 9.6
        self._small(words.line if document.line else words.phone)
        size, lines = sheet.fitted(document.phone, _PHONE_SIZES, width, 1, bold=True)
        self.y += 8.2
        sheet.put(LEFT - 0.2, self.y, lines[0], size, bold=True)
        self.y += 1.2
        about = words.line_help if document.line else self._hours_by_phone()
        self._paragraph(about, SMALL, width, 2, ink=GREY)
        x = RIGHT - QR_SIDE
        sheet.qr(x, top - 1.9, QR_SIDE, f"tel:{dialled(document.phone)}")
        scan = self._one_line(words.scan, SMALL, QR_SIDE)
        middle = x + (QR_SIDE - sheet.width(scan, SMALL)) / 2
        sheet.put(middle, top - 1.9 + QR_SIDE + 4.4, scan, SMALL, ink=GREY)
        self.y = max(self.y, top + QR_SIDE + 2.6) + 6.8
        sheet.rule(LEFT, self.y, RIGHT - LEFT)

    def _hours_by_phone(self) -> str:
        return f"{self.words.hours(self.document.by_phone)} ({self._clock()})"

    def _when_down(self, floor: float, roomy: float) -> None:
        """Say step by step what to do: a line for each step where that ends above `roomy`."""
        document, words = self.document, self.words
        filled = {
            "phone": document.phone.replace(" ", "\u00a0"),
            "email": document.support.email,
            "status": document.support.status,
        }
        written, listed = bool(document.support.email), bool(document.support.status)
        steps = [
            (words.internet, (*words.internet_steps, *_if(written and not document.line, words.closed))),
            (words.mail, (*words.mail_steps, *_if(written, words.mail_otherwise))),
            (words.site, (*words.site_steps, *_if(listed, words.status_step))),
            (
                words.say,
                (*words.say_steps[:-1], *_if(document.line, words.say_language), words.say_steps[-1]),
            ),
        ]
        self.y += BETWEEN
        self._heading(words.down)
        # The number stays with its step.
        numbered = [
            (label, [f"{number}.\u00a0{step.format(**filled)}" for number, step in enumerate(each, 1)])
            for label, each in steps
        ]
        apart = [(label, "\n".join(each)) for label, each in numbered]
        if self.y + sum(self._height(*row, _STEP_LINES) for row in apart) <= roomy:
            self._rows(apart, _STEP_LINES, roomy)
        else:
            self._rows([(label, " ".join(each)) for label, each in numbered], 3, floor)

    def _reach(self, ways: Sequence[tuple[str, str]], floor: float) -> None:
        self.y += BETWEEN
        self._heading(self.words.reach)
        self._rows(ways, 2, floor)

    def _people(self, foot: float) -> None:
        if self.document.advice is not None:
            services = len(self._service_lines(2))
            room = foot - self.y - services * STEP - 2 * (BETWEEN + UNDER_HEADING)
            self.y += BETWEEN
            self._managers(self.document.advice, int(room / ROW))

    def _ways(self) -> list[tuple[str, str]]:
        words, support = self.words, self.document.support
        ways = []
        if self.document.line:
            ways.append((words.by_line, _joined(support.emergency_phone, words.hours(self.document.on_line))))
        ways.append((words.by_phone, _joined(support.phone, self._hours_by_phone())))
        ways.append((words.by_mail, _joined(support.email, words.hours(self.document.by_mail))))
        ways += [(words.web, support.web), (words.status, support.status)]
        return [(label, text) for label, text in ways if text]

    def _clock(self) -> str:
        place = self.document.by_phone.zone.key.rpartition("/")[2].replace("_", " ")
        return self.words.clock.format(place=place)

    def _managers(self, advice: OpeningHours, most: int) -> None:
        """List the account managers in about `most` lines: one of them and their hours whatever there is."""
        words, found = self.words, self.document.managers
        self._heading(words.managers)
        if not found:
            self._paragraph(words.no_manager, BODY, RIGHT - LEFT, 1)
            return
        shown, left = 0, most - 1
        for manager in found:
            each = 2 if left - 2 >= len(found) - shown - 1 else 1
            taken = len(self._label(self._called(manager), each))
            if shown and taken > left:
                break
            self._row(self._called(manager), _joined(manager.phone, manager.email), each)
            shown, left = shown + 1, left - taken
        on_duty = words.on_duty.format(hours=words.hours(advice))
        if shown < len(found):
            on_duty = f"{words.more.format(count=len(found) - shown)}. {on_duty}"
        self._row("", on_duty, 1)

    def _called(self, manager: Manager) -> str:
        return f"{manager.name}, {self.words.technical}" if manager.technical else manager.name

    def _service_lines(self, most: int) -> list[str]:
        named = ", ".join(self.document.services) or self.words.no_service
        return self.sheet.lines(named, BODY, RIGHT - LEFT, most)

    def _services(self, foot: float) -> None:
        self.y += BETWEEN
        self._heading(self.words.services)
        for line in self._service_lines(max(int((foot - self.y) / STEP), 1)):
            self._line(line, BODY, listed=True)

    def _foot(self) -> float:
        """Write how to keep the page at the very end, and return where the room above it ends."""
        words, sheet = self.words, self.sheet
        step = SMALL * POINT * LEADING
        lines = sheet.lines(f"{words.speaks} {words.void}", SMALL, RIGHT - LEFT, 3)
        top = BOTTOM - len(lines) * step - step - 1.0
        y = top + 1.2
        sheet.put(LEFT, y, self._one_line(words.keep, SMALL + 1, RIGHT - LEFT), SMALL + 1, bold=True)
        for line in lines:
            y += step
            sheet.put(LEFT, y, line, SMALL, ink=GREY)
        sheet.rule(LEFT, top - 5.4, RIGHT - LEFT)
        return top - 9.0

    # Pieces

    def _small(self, text: str) -> None:
        self.sheet.put(LEFT, self.y, self._one_line(text, BODY, RIGHT - LEFT), BODY, ink=GREY)

    def _heading(self, text: str) -> None:
        self.sheet.put(
            LEFT, self.y, self._one_line(text, HEADING, RIGHT - LEFT, bold=True), HEADING, bold=True
        )
        self.y += UNDER_HEADING

    def _label(self, text: str, most: int) -> list[str]:
        return self.sheet.lines(text, BODY, LABEL - 4.0, most)

    def _rows(self, rows: Sequence[tuple[str, str]], most: int, floor: float) -> None:
        """Write rows of at most `most` lines each, of fewer where they would end below `floor`."""
        while most > 1 and self.y + sum(self._height(*row, most) for row in rows) > floor:
            most -= 1
        for label, text in rows:
            self._row(label, text, most)

    def _beside(self, text: str, most: int) -> list[str]:
        """Return the lines of a text beside its label; each line of its own begins another one."""
        parts = (self.sheet.lines(part, BODY, RIGHT - LEFT - LABEL, most) for part in text.split("\n"))
        return [line for part in parts for line in part][:most]

    def _height(self, label: str, text: str, most: int) -> float:
        beside = self._beside(text, most)
        return max(len(self._label(label, most)), len(beside)) * STEP + UNDER_ROW

    def _row(self, label: str, text: str, most: int) -> None:
        """Write a label, and beside it a text, each in at most `most` lines."""
        labels = self._label(label, most)
        beside = self._beside(text, most)
        for place, line in enumerate(labels, 1):
            self.sheet.put(LEFT, self.y + place * STEP, line, BODY, ink=GREY)
        for place, line in enumerate(beside, 1):
            self.sheet.put(LEFT + LABEL, self.y + place * STEP, line, BODY)
        self.y += max(len(labels), len(beside), 1) * STEP + UNDER_ROW

    def _paragraph(self, text: str, size: float, width: float, most: int, *, ink: int = BLACK) -> None:
        for line in self.sheet.lines(text, size, width, most):
            self._line(line, size, ink=ink)

    def _line(self, line: str, size: float, *, ink: int = BLACK, listed: bool = False) -> None:
        self.y += size * POINT * LEADING
        self.sheet.put(LEFT, self.y, line, size, ink=ink, listed=listed)

    def _one_line(self, text: str, size: float, width: float, *, bold: bool = False) -> str:
        return "".join(self.sheet.lines(text, size, width, 1, bold=bold))


def _if(said: bool, text: str) -> tuple[str, ...]:
    return (text,) if said else ()


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
