"""Finding a guide among 1 500 against finding one among 15, each prefix of what somebody types, on both
databases.

A find is the whole of it: the words by their stems, the query, the hits with their snippets, and how many
tickets like the one at hand each has closed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from figures import exit_status, figure, heading
from keyboard import p95
from samples import desk_on
from servers import postgresql

from oncall_tui.desk import Desk
from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.store import guide_uses, guides

MANY, FEW = 1_500, 15
CHARACTERS = 3_000
ALLOWED = 50.0
"""Milliseconds that 95 of 100 finds may take."""

THINGS = {
    "fr": (
        "la file d'attente", "le certificat", "la zone DNS", "le disque du VPS", "la boîte aux lettres",
        "le code de transfert", "la sauvegarde", "le pare-feu", "l'hébergement", "le dossier partagé",
        "la base de données", "le relais SMTP", "la clé SSH", "le cluster", "le volume", "l'entrée MX",
    ),
    "en": (
        "the mail queue", "the certificate", "the DNS zone", "the disk of the VPS", "the mailbox",
        "the transfer code", "the backup", "the firewall", "the hosting", "the shared folder",
        "the database", "the SMTP relay", "the SSH key", "the cluster", "the volume", "the MX record",
    ),
}  # fmt: skip
TROUBLES = {
    "fr": (
        "est bloquée depuis ce matin", "ne répond plus après la mise à jour", "a expiré pendant la nuit",
        "est pleine à 98 %", "refuse toutes les connexions", "n'est plus synchronisé",
        "a été renouvelé automatiquement", "reste inaccessible depuis le bureau",
    ),
    "en": (
        "has been stuck since this morning", "does not answer after the update", "expired during the night",
        "is full at 98 %", "refuses every connection", "is out of sync",
        "was renewed automatically", "can't be reached from the office",
    ),
}  # fmt: skip
STEPS = {
    "fr": (
        "Vérifiez d'abord {thing} dans la console.", "Si {thing} {trouble}, attendez une heure.",
        "Ensuite, ouvrez {thing} et choisissez « Réessayer ».", "Écrivez-nous si {thing} {trouble}.",
        "Le journal numéro {number} montre pourquoi {thing} {trouble}.",
    ),
    "en": (
        "Look at {thing} in the console first.", "If {thing} {trouble}, wait for an hour.",
        "Then open {thing} and choose \"Try again\".", "Write to us if {thing} {trouble}.",
        "Log number {number} shows why {thing} {trouble}.",
    ),
}  # fmt: skip


def made(count: int) -> list[Guide]:
    """Return so many guides of about as many characters each, half of them in French."""
    rng = random.Random(1)
    found = []
    for number in range(count):
        language = ("fr", "en")[number % 2]
        thing, trouble = rng.choice(THINGS[language]), rng.choice(TROUBLES[language])
        text = ""
        while len(text) < CHARACTERS:
            step = rng.choice(STEPS[language])
            said = {"thing": rng.choice(THINGS[language]), "trouble": rng.choice(TROUBLES[language])}
            text += step.format(number=rng.randrange(10_000), **said) + "\n"
        title = f"{thing} {trouble} ({number})".capitalize()
        tags = tuple(thing.split()[-1:])
        url = f"https://guides.example/{language}/{number}"
        found.append(Guide(GuideKind.GUIDE, url, title, (language,), tags, text))
    return found


def filled(database: str, found: Sequence[Guide]) -> Desk:
    """Return a desk with guides of which every third has closed a ticket."""
    desk = desk_on(database)
    with desk.store.begin(bulk=True) as tx:
        ids = guides.add(tx, [(one, "") for one in found])
        for guide, one in list(zip(ids, found, strict=True))[::3]:
            guide_uses.note_closed(tx, guide, one.title, "bench", desk.clock())
    return desk


def prefixes() -> Iterator[tuple[str, str]]:
    """Yield what stands in the line after each letter that is typed, and in which language."""
    rng = random.Random(2)
    for number in range(12):
        language = ("fr", "en")[number % 2]
        typed = f"{rng.choice(THINGS[language])} {rng.choice(TROUBLES[language])}"
        for end in range(1, len(typed) + 1):
            yield typed[:end], language


def measured(desk: Desk) -> float:
    """Return the milliseconds that 95 of 100 finds take at most."""
    seconds = []
    for text, language in prefixes():
        begun = time.perf_counter()
        desk.guides.find(text, GuideKind.GUIDE, language, like="Mail queue stuck since this morning")
        seconds.append(time.perf_counter() - begun)
    return p95(seconds) * 1_000


def compare(kind: str, many: str, few: str) -> None:
    """Print the figures of one database."""
    found = made(MANY)
    begun = time.perf_counter()
    desks = [filled(many, found), filled(few, found[:FEW])]
    print(f"{kind}: {MANY} guides taken in within {time.perf_counter() - begun:.1f} s")
    for desk in desks:
        measured(desk)  # what a process does once
    ours, other = (min(measured(desk) for _ in range(3)) for desk in desks)
    figure(f"p95 of a find on {kind}, {MANY} guides : {FEW}", ours, other, "ms")
    figure(f"p95 of a find on {kind}, {MANY} guides : allowed", ours, ALLOWED, "ms", at_most=1.0)
    for desk in desks:
        desk.close()


def main() -> int:
    assert sum(1 for _ in prefixes()) >= 200
    heading("ours", "other")
    with tempfile.TemporaryDirectory(prefix="oncall-bench-") as folder:
        compare("SQLite", f"sqlite:///{folder}/many.db", f"sqlite:///{folder}/few.db")
    with postgresql() as url, postgresql() as other:
        compare("PostgreSQL", url, other)
    return exit_status()


if __name__ == "__main__":
    sys.exit(main())
