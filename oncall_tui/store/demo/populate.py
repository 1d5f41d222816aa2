"""The sample world, put into an empty store."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from random import Random

from oncall_tui.domain.codes import Code, CodeKind
from oncall_tui.domain.offer import Offer
from oncall_tui.domain.plans import Plan
from oncall_tui.domain.technical_document import document_language
from oncall_tui.domain.tickets import Channel
from oncall_tui.store import audit, calendars, codes, customers, documents, sealing
from oncall_tui.store.audit import Entry
from oncall_tui.store.codes import Issue
from oncall_tui.store.demo import bulk
from oncall_tui.store.demo.guides import add_guides
from oncall_tui.store.demo.scene import CALM, Slot, closed_slots, open_slots
from oncall_tui.store.demo.stories import Beginning, Story, Teller
from oncall_tui.store.demo.timing import Timing
from oncall_tui.store.demo.world import Asked, Colleague, Organisation, Request, World, load_world
from oncall_tui.store.engine import Store, Transaction

TICKETS = 42
"""How many open tickets there are if nobody says."""

WORKSTATION = "this desk"
"""Where the operator did what they did before the demo began."""

_FIRST_NUMBER = 41_708
"""The first reference: the desk has been at work for a while."""

_FIRST_ISSUED, _LAST_ISSUED = timedelta(days=400), timedelta(days=80)
"""How long ago the codes were issued, those before and those in force."""

_PRINTED_AFTER = timedelta(hours=2)
"""How long after its code a technical document was issued."""

_BATCH = 1_000
_AT = attrgetter("at")


def populate(
    store: Store, offer: Offer, now: datetime, *, tickets: int = TICKETS, seed: int = 1, operator: str
) -> None:
    """Fill the empty `store` with the sample world as it stands at `now`, an instant in UTC.

    There are `tickets` open ones, and a fifth as many that were closed lately. From five on every
    queue, urgency and state is there at any hour of any day, some tickets being `operator`'s. The same
    `seed`, number, instant and offer give the same rows.
    """
    rng = Random(seed)  # noqa: S311 - sample data
    now = now.replace(microsecond=0)
    world = load_world()
    beginnings = _beginnings(world, Timing(offer, now, rng), tickets, rng)
    with store.begin() as tx:
        found = [(one.customer(now, offer.zone), None) for one in world.organisations]
        customers.add(tx, found, offer.region)
        known = customers.known(tx.connection, [one.id for one in world.organisations])
        calendar_ids = {channel: calendars.id_of(tx, offer.calendar_for(channel)) for channel in Channel}
        if store.keyring is not None:
            _give_codes(tx, world, {ref: one.id for ref, one in known.items()}, now, operator)
        add_guides(tx, now, tuple(one.name for one in world.colleagues(operator)))
    teller = Teller(
        world=world,
        offer=offer,
        me=Colleague(operator, WORKSTATION),
        team=world.colleagues(operator),
        calendar_ids=calendar_ids,
        customer_ids={ref: one.id for ref, one in known.items()},
        now=now,
        rng=rng,
    )
    _store(store, _told(teller, beginnings), len(beginnings))


def _give_codes(tx: Transaction, world: World, ids: Mapping[str, int], now: datetime, issuer: str) -> None:
    """Give every organisation the codes that it has in the sample world, and some the page with theirs."""
    key = sealing.for_writing(tx, now)
    before = [
        Issue(ids[one.id], one.id, CodeKind.VIP, "", Code(one.vip_code_before))
        for one in world.organisations
        if one.vip_code_before
    ]
    codes.add(tx, key, before, now - _FIRST_ISSUED)
    revoked = codes.in_force(tx.connection, [one.customer_id for one in before])
    codes.revoke(tx, list(revoked.values()), now - _LAST_ISSUED)
    issues = []
    for one in world.organisations:
        if one.vip_code:
            issues.append(Issue(ids[one.id], one.id, CodeKind.VIP, "", Code(one.vip_code)))
        for name, code in one.support_codes:
            issues.append(Issue(ids[one.id], one.id, CodeKind.SUPPORT, name, Code(code)))
    codes.add(tx, key, issues, now - _LAST_ISSUED)
    # Those whose code was changed never got the page with the new one; one of the others has theirs.
    current = codes.in_force(tx.connection, ids.values())
    first = next(one for one in world.organisations if one.vip_code and not one.vip_code_before)
    printed = [(code_id, now - _FIRST_ISSUED + _PRINTED_AFTER) for code_id in revoked.values()]
    owners = [*revoked, (ids[first.id], CodeKind.VIP, "")]
    printed.append((current[owners[-1]], now - _LAST_ISSUED + _PRINTED_AFTER))
    languages = {ids[one.id]: document_language(one.language) for one in world.organisations}
    for (customer_id, _kind, _contact), (code_id, at) in zip(owners, printed, strict=True):
        documents.add(tx, customer_id, 1, at, issuer, WORKSTATION, languages[customer_id], code_id)


def _beginnings(world: World, timing: Timing, tickets: int, rng: Random) -> list[Beginning]:
    """Return what all tickets begin with, in the order in which they came in."""
    dealer = Dealer(world, rng)
    found = []
    for slot in (*open_slots(tickets, rng), *closed_slots(tickets)):
        settled = timing.settled(slot)
        found.append(Beginning(settled, dealer.deal(settled), timing.of(settled)))
    found.sort(key=lambda one: one.times.recorded_at)
    return found


def _told(teller: Teller, beginnings: Sequence[Beginning]) -> Iterator[Story]:
    for number, beginning in enumerate(beginnings):
        yield teller.tell(number + 1, f"T-{_FIRST_NUMBER + number:06d}", beginning)


def _store(store: Store, stories: Iterable[Story], count: int) -> None:
    waiting: list[Entry] = []
    batch: list[Story] = []
    for story in stories:
        if len(batch) == _BATCH:
            # What comes after happened later, so the audit grows in order of time.
            waiting = _store_batch(store, batch, waiting, until=story.entries[0].at)
            batch = []
        batch.append(story)
    _store_batch(store, batch, waiting, until=None)
    with store.begin() as tx:
        bulk.count_on(tx, _FIRST_NUMBER + count - 1)


def _store_batch(
    store: Store, batch: Sequence[Story], waiting: list[Entry], until: datetime | None
) -> list[Entry]:
    """Store a batch and the entries before `until`; return those that wait for a later batch."""
    entries = waiting + [entry for story in batch for entry in story.entries]
    entries.sort(key=_AT)
    ripe = len(entries) if until is None else bisect_left(entries, until, key=_AT)
    with store.begin() as tx:
        bulk.add_stories(tx, batch)
        audit.append_all(tx, entries[:ripe])
    return entries[ripe:]


class Dealer:
    """Says who asks what: everything once before anything twice, as far as that goes."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world = world
        self._rng = rng
        self._dealt: Counter[str] = Counter()
        self._decks: dict[tuple[Plan, Channel, bool], list[tuple[Organisation, Request]]] = {}

    def deal(self, slot: Slot) -> Asked:
        """Return a request of an organisation that fits `slot`."""
        deck = self._deck(slot)
        if self._dealt.total() < 3 * CALM:
            least = min(map(self._used, deck))
            deck = [pair for pair in deck if self._used(pair) == least]
        organisation, request = self._rng.choice(deck)
        self._dealt[request.subject] += 1
        self._dealt[organisation.id] += 1
        return Asked(organisation, self._rng.choice(organisation.contacts), request)

    def _deck(self, slot: Slot) -> list[tuple[Organisation, Request]]:
        key = slot.plan, slot.channel, slot.urgent
        if key not in self._decks:
            pairs = self._world.askable(slot.plan, slot.channel)
            self._decks[key] = [pair for pair in pairs if not (slot.urgent and pair[1].question)]
        return self._decks[key]

    def _used(self, pair: tuple[Organisation, Request]) -> tuple[int, int]:
        organisation, request = pair
        return self._dealt[request.subject], self._dealt[organisation.id]
