from __future__ import annotations

import re

import pytest

from oncall_tui.actions import ACTIONS, Group, Keymap, Scope
from oncall_tui.keynames import shown
from oncall_tui.screens.access import AccessScreen
from oncall_tui.screens.alert_detail import AlertScreen
from oncall_tui.screens.alert_list import AlertListScreen
from oncall_tui.screens.bindings import bindings_on
from oncall_tui.screens.board import BoardScreen
from oncall_tui.screens.call import CallScreen
from oncall_tui.screens.call_detail import CallRecordScreen
from oncall_tui.screens.call_log import CallLogScreen
from oncall_tui.screens.card import CardScreen
from oncall_tui.screens.composer import ComposeScreen
from oncall_tui.screens.contract import ContractScreen
from oncall_tui.screens.edit import EditScreen
from oncall_tui.screens.find import FindScreen
from oncall_tui.screens.guides import GuidesScreen
from oncall_tui.screens.help import HelpScreen
from oncall_tui.screens.lookup import LookupScreen
from oncall_tui.screens.messages import MessagesScreen
from oncall_tui.screens.organisations import OrganisationsScreen
from oncall_tui.screens.outbox import OutboxScreen
from oncall_tui.screens.ticket import TicketScreen

SCREENS = {
    Scope.BOARD: BoardScreen,
    Scope.TICKET: TicketScreen,
    Scope.HELP: HelpScreen,
    Scope.MESSAGES: MessagesScreen,
    Scope.LOOKUP: LookupScreen,
    Scope.FIND: FindScreen,
    Scope.CARD: CardScreen,
    Scope.CALLS: CallLogScreen,
    Scope.CALL_RECORD: CallRecordScreen,
    Scope.CALL: CallScreen,
    Scope.ALERTS: AlertListScreen,
    Scope.ALERT: AlertScreen,
    Scope.OUTBOX: OutboxScreen,
    Scope.COMPOSE: ComposeScreen,
    Scope.ACCESS: AccessScreen,
    Scope.GUIDES: GuidesScreen,
    Scope.CONTRACT: ContractScreen,
    Scope.EDIT: EditScreen,
    Scope.ORGANISATIONS: OrganisationsScreen,
}


def test_the_same_key_does_the_same_thing_on_every_screen() -> None:
    # A digit is what stands at that place, a slash looks for words, y and n answer what is asked, Tab shows
    # the next of what there is.
    alike = {
        "find": "filter",
        "other_kind": "next_queue",
        **dict.fromkeys(("put_in", "change", "change_plan", "use_access"), "open"),
        **dict.fromkeys(("add", "grant"), "new"),
        "remove": "drop",
        "edit": "correct",
        "document": "download",
        "write_down": "note",
        "end_access": "close",
        "ask_access": "answer",
    }
    meaning: dict[str, str] = {}
    for action in ACTIONS:
        does = "at this place" if action.numbered else alike.get(action.id, action.id)
        if action.group is not Group.ANSWER:
            for key in action.keys:
                assert meaning.setdefault(key, does) == does


def test_what_is_asked_is_answered_with_y_and_n() -> None:
    answers = {(action.keys, action.label) for action in ACTIONS if action.group is Group.ANSWER}
    assert {label for keys, label in answers if keys == ("y",)} == {"yes"}
    assert {label for keys, label in answers if keys == ("n",)} == {"no"}
    assert {keys for keys, label in answers if label in ("yes", "no")} == {("y",), ("n",)}


def test_every_action_says_what_it_does() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    for action in ACTIONS:
        assert action.scope
        assert action.label
        assert re.fullmatch(r"[A-Z].*\.", action.help), action.id
        assert Keymap().named(action.id) is action


def test_what_asks_first_is_what_cant_be_taken_back_lightly() -> None:
    assert {action.id for action in ACTIONS if action.asks_first} == {
        *("close", "reopen", "take_over", "assign"),
        *("send", "again", "was_sent", "force", "drop"),
        *("document", "remove", "change_plan", "end_access"),
    }


@pytest.mark.parametrize("scope", Scope)
def test_every_action_of_a_screen_is_there(scope: Scope) -> None:
    for action in Keymap().on(scope):
        assert callable(getattr(SCREENS[scope], f"action_{action.id}")), action.id


@pytest.mark.parametrize("scope", Scope)
def test_every_key_is_bound_under_an_id_of_its_own(scope: Scope) -> None:
    bindings = bindings_on(scope, Keymap())
    keys = [key for binding in bindings for key in binding.key.split(",")]
    assert sorted(keys) == sorted(key for action in Keymap().on(scope) for key in action.keys)
    assert len({binding.id for binding in bindings}) == len(bindings)


def test_hints_have_places_of_their_own() -> None:
    for scope in Scope:
        places = [action.hint for action in Keymap().on(scope) if action.hint]
        assert len(places) == len(set(places))


def test_keys_are_shown_as_people_read_them() -> None:
    assert [shown(key) for key in ("question_mark", "ctrl+f", "shift+tab", "G", "plus")] == [
        "?",
        "Ctrl-f",
        "Shift-Tab",
        "G",
        "+",
    ]
    assert Keymap().named("queue").shown_keys == "1-9"
