"""Finding in a large store: 1 000 000 organisations against 1 000, on both databases.

- on screen: from a key in the line to the end of the frame with what it finds, as an engineer waits for it.
- organisations: what is typed letter by letter for names, domains, people, numbers and services of real
  organisations, each text as somebody stops at it: the time from the question to the rows, of which 95 in 100
  stay below the figure; and the first page of the list, the last one and one far down.

Each figure is a ratio to the small store in the same run, and on either database 95 of 100 questions must
be answered within 50 ms. ONCALL_BENCH_SHORT=1 takes 50 000, for a look.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit

from figures import best_of_interleaved, exit_status, figure, heading
from keyboard import ESCAPE, keep_clear_of_the_tick, p95
from servers import postgresql
from terminals import OnTerminal

from oncall_tui.config import load_settings
from oncall_tui.desk import Desk, open_desk
from oncall_tui.domain.addresses import address_of
from oncall_tui.domain.folding import customer_text, fold, searchable_contact, searchable_customer
from oncall_tui.store.rows import add

SHORT = bool(os.environ.get("ONCALL_BENCH_SHORT"))
MANY, FEW = (50_000 if SHORT else 1_000_000), 1_000
BATCH = 20_000
TEXTS = 240
"""Texts that are typed and looked for."""

TYPED, LETTERS = 40, 6
"""Texts that are typed on a screen, and letters of each."""

QUIET = 0.12
"""Seconds without a byte after which a key has drawn all that it draws."""

ROUNDS = 5
AT_MOST = 50.0
"""Milliseconds in which 95 of 100 texts must be answered."""

KINDS = (
    "Banque", "Fromagerie", "Clinique", "Atelier", "Garage", "Boulangerie", "Menuiserie", "Imprimerie",
    "Hôtel", "Pharmacie", "Fiduciaire", "Étude", "Cabinet", "Librairie", "École", "Immobilier",
    "Transports", "Agence", "Galerie", "Brasserie", "Coiffure", "Électricité", "Jardins", "Société",
    "Fondation", "Association",
)  # fmt: skip
PLACES = (
    "Genève", "Lausanne", "Zürich", "Bâle", "Berne", "Lugano", "Fribourg", "Neuchâtel", "Sion", "Vevey",
    "Nyon", "Morges", "Bulle", "Yverdon", "Martigny", "Sierre", "Delémont", "Bienne", "Thoune",
    "Lucerne", "Winterthour", "Saint-Gall", "Coire", "Aarau", "Schaffhouse", "Locarno",
)  # fmt: skip
FIRST = (
    "Anne", "Luc", "Zoé", "Marc", "Nora", "Yann", "Aline", "Paul", "Léa", "Hugo", "Nina", "Tim",
    "Élodie", "Jean", "Sara", "Karim", "Ines", "Olivier", "Chloé", "David", "Eva", "Félix", "Greta",
    "Hans", "Irène", "Jules",
)  # fmt: skip
SERVICES = (
    "Mail",
    "Public cloud",
    "Drive",
    "Web hosting",
    "Domain",
    "Backup",
    "VPS",
    "Database",
    "Kubernetes",
)
_ENDS = ("ch", "com", "org", "net", "swiss")
_SYLLABLES = (
    "ro",
    "chat",
    "mo",
    "ret",
    "du",
    "pont",
    "fa",
    "vre",
    "kel",
    "ler",
    "per",
    "rin",
    "mül",
    "ler",
    "bon",
    "vin",
)

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
CUSTOMER = (
    "id", "ref", "name", "plan", "subscribed_on", "partner", "language", "version", "revision", "search",
    "sort_name",
)  # fmt: skip
CONTACT = (
    "customer_id", "name", "email", "phone", "role", "e164", "address", "domain", "search",
)  # fmt: skip


def filled(url: str, organisations: int) -> Desk:
    """Return a desk on the database at `url` with so many organisations."""
    desk = open_desk(url, load_settings(None, {}).offer, "Léa", clock=lambda: NOW)
    vector = without_index(desk)
    for begin in range(1, organisations + 1, BATCH):
        made = [organisation(number) for number in range(begin, min(begin + BATCH, organisations + 1))]
        with desk.store.begin(bulk=True) as tx:
            add(tx, "customers", CUSTOMER, (each[0] for each in made))
            add(tx, "contacts", CONTACT, (person for each in made for person in each[1]))
            add(
                tx,
                "services",
                ("customer_id", "name", "search"),
                (service for each in made for service in each[2]),
            )
            add(tx, "customer_texts", ("customer_id", "text"), (each[3] for each in made))
    if desk.store.dialect == "postgresql":
        with desk.store.begin() as tx:
            tx.connection.exec_driver_sql(vector)
            # What its autovacuum does by itself a minute later.
            tx.connection.exec_driver_sql("ANALYZE")
    return desk


def without_index(desk: Desk) -> str:
    """Take the index of words away on PostgreSQL and return how it is made: it is faster made at once."""
    if desk.store.dialect == "sqlite":
        return ""
    name = "ix_customer_texts_vector"
    with desk.store.begin() as tx:
        query = f"SELECT indexdef FROM pg_indexes WHERE indexname = '{name}'"
        found = str(tx.connection.exec_driver_sql(query).scalar_one())
        tx.connection.exec_driver_sql(f"DROP INDEX {name}")
    return found


Row = tuple[object, ...]


def organisation(number: int) -> tuple[Row, list[Row], list[Row], Row]:
    """Return the rows of one organisation: the same for a number, whatever store it is in."""
    dice = random.Random(number)
    owner, place = surname(dice), dice.choice(PLACES)
    name = f"{dice.choice(KINDS)} {owner} {place}"
    domain = f"{fold(owner)}-{fold(place)}{number}.{dice.choice(_ENDS)}"
    ref = f"C-{number:06}"
    people = []
    for place_in in range(1 + number % 2):
        first, last = dice.choice(FIRST), owner if place_in == 0 else surname(dice)
        e164 = f"+4122{(number * 2 + place_in) % 10_000_000:07}"
        email = f"{fold(first)}.{fold(last)}@{domain}"
        people.append((f"{first} {last}", email, e164))
    services = dice.sample(SERVICES, 2)
    rows = [
        (
            number, who, email, f"+41 22 {e164[5:8]} {e164[8:10]} {e164[10:]}", "", e164, *address_of(email),
            searchable_contact(who, email),
        )
        for who, email, e164 in people
    ]  # fmt: skip
    plan = ("standard", "plus", "pro", "enterprise")[number % 4]
    own = (number, ref, name, plan, None, False, "fr", 1, 1, searchable_customer(ref, name), fold(name))
    offered: list[Row] = [(number, each, fold(each)) for each in services]
    return own, rows, offered, (number, customer_text(ref, name, people, services))


def surname(dice: random.Random) -> str:
    return "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(2, 4))).capitalize()


def typed(organisations: int) -> list[str]:
    """Return what is typed for organisations of such a store, each text as somebody stops at it."""
    dice = random.Random(7)
    texts = []
    while len(texts) < TEXTS:
        own, people, services, _ = organisation(dice.randint(1, organisations))
        name, person = str(own[2]), people[-1]
        wanted = dice.choice(
            (
                name,
                name.split()[1],
                " ".join(reversed(name.split()[1:])),
                str(person[1]),
                str(person[2]),
                str(person[7]),
                str(person[3]),
                str(person[3])[-9:],
                f"{services[0][1]} {name.split()[1]}",
                str(own[1]),
            )
        )
        texts.append(wanted[: dice.randint(1, len(wanted))])
    return texts


def organisations_found(desks: Sequence[Desk]) -> None:
    """Print the figures of finding organisations in a large store and in a small one."""
    slow, took = [], {}
    for desk, organisations in zip(desks, (MANY, FEW), strict=True):
        texts = typed(organisations)
        times = [best(desk, text) for text in texts]
        took[organisations] = p95(times) * 1e3
        slow = slow or sorted(zip(times, texts, strict=True), reverse=True)[:5]
    figure("found as one types, p95", took[MANY], took[FEW], "ms", at_most=1.5)
    figure("  of what it may take", took[MANY], AT_MOST, "ms", at_most=1.0)
    print("  slowest: " + ", ".join(f"{text!r} {seconds * 1e3:.1f} ms" for seconds, text in slow))


def found_on_screen(urls: Sequence[str]) -> None:
    """Print the figures of typing into the list of organisations, key by key, in both stores."""
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as home:
        many, few = (
            p95(keys_on_screen(url, size, home)) * 1e3 for url, size in zip(urls, (MANY, FEW), strict=True)
        )
    figure("from a key to what it finds, p95", many, few, "ms", at_most=1.5)
    figure("  of what it may take", many, AT_MOST, "ms", at_most=1.0)


def keys_on_screen(url: str, organisations: int, home: str) -> list[float]:
    """Return the seconds from each key to the end of what it has drawn."""
    env = {
        "XDG_CONFIG_HOME": home,
        "XDG_DATA_HOME": home,
        "XDG_STATE_HOME": home,
        "TEXTUAL_ANIMATIONS": "none",
    }
    program = OnTerminal([sys.executable, "-m", "oncall_tui", "--database", url, "open"], env)
    took = []
    try:
        program.wait_for("help")
        program.settled(0.5)
        program.type(b"o")
        program.settled(0.5)
        for text in typed(organisations)[:TYPED]:
            program.type(b"/")
            program.settled(0.2)
            for letter in fold(text)[:LETTERS]:
                keep_clear_of_the_tick(program)
                program.pressed_at = perf_counter()
                program.type(letter.encode())
                took.append(program.settled(QUIET))
            program.type(ESCAPE)
            program.settled(0.2)
    finally:
        program.end()
    return took


def best(desk: Desk, text: str) -> float:
    """Return the shortest time in seconds that finding `text` took."""
    found = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        desk.customers.find_at_once(text)
        found.append(perf_counter() - begun)
    return min(found)


def organisations_listed(desks: Sequence[Desk]) -> None:
    """Print the figures of the list of organisations."""
    many, few = (pages(desk) for desk in desks)
    for name, ask in many.items():
        times = best_of_interleaved({"many": ask, "few": few[name]}, 9 if SHORT else 60)
        figure(name, times["many"] * 1e3, times["few"] * 1e3, "ms", at_most=1.5)


def pages(desk: Desk) -> dict[str, Callable[[], object]]:
    """Return what is asked of the list, by its name."""
    list_ = desk.customers
    # Deep in either list, with full pages on both sides.
    deep = list_.last_page(limit=200)[0].customer
    return {
        "list, the first page": lambda: list_.page(limit=100),
        "list, the last page": lambda: list_.last_page(limit=100),
        "list, the page after one far down": lambda: list_.page(after=deep, limit=100),
        "list, the page before it": lambda: list_.page(before=deep, limit=100),
    }


def stores() -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each database and the URLs of a large store and a small one on it."""
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        yield "SQLite", [f"sqlite:///{folder}/{size}.db" for size in (MANY, FEW)]
    with postgresql() as url:
        yield "PostgreSQL", [database(url, f"search_{size}") for size in (MANY, FEW)]


def database(url: str, name: str) -> str:
    """Make a database of that name on the server at `url` and return its own URL."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def main() -> int:
    for name, urls in stores():
        print(name)
        desks = [filled(url, size) for url, size in zip(urls, (MANY, FEW), strict=True)]
        heading(f"{MANY:,}", f"{FEW:,}")
        found_on_screen(urls)
        organisations_found(desks)
        organisations_listed(desks)
        for desk in desks:
            desk.close()
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
