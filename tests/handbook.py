"""Guides and partners for the stories and the pictures of them."""

from __future__ import annotations

from board import Night

from oncall_tui.domain.guides import Guide, GuideKind
from oncall_tui.store import guides

QUEUE_FR = Guide(
    GuideKind.GUIDE,
    "https://guides.example/fr/file",
    "Mails bloqués dans la file d'attente",
    ("fr",),
    ("mail", "SMTP"),
    "Un message qui reste en file d'attente n'est pas perdu.\n\n"
    + "Le serveur le représente pendant cinq jours.\n" * 12
    + "\nPour représenter tout de suite ce qui attend, videz la file depuis la console.",
)
QUEUE_EN = Guide(
    GuideKind.GUIDE,
    "https://guides.example/en/queue",
    "Mail queue: messages that wait",
    ("en",),
    ("mail", "SMTP"),
    "A message in the queue isn't lost: our server tries again for five days.",
)
CERTIFICATE = Guide(
    GuideKind.GUIDE,
    "https://guides.example/en/certificate",
    "Renew a certificate",
    ("en",),
    ("TLS",),
    "Certificates renew by themselves thirty days before they end.",
)
ATELIER = Guide(
    GuideKind.PARTNER,
    "https://partners.example/atelier",
    "Atelier Web",
    ("fr", "de"),
    ("WordPress",),
    "Sites WordPress et boutiques.\n\n+41 22 555 30 10",
)
ALL = (QUEUE_FR, QUEUE_EN, CERTIFICATE, ATELIER)


def add_guides(night: Night, found: tuple[Guide, ...] = ALL) -> None:
    """Put guides and partners into the store of `night`."""
    with night.desk("guides").store.begin() as tx:
        guides.add(tx, [(one, "") for one in found])
