"""Domains at which anybody can have a mail address: they say nothing of an organisation."""

from __future__ import annotations

_PROVIDERS = frozenset(
    {
        *("aol.com", "bluemail.ch", "bluewin.ch", "fastmail.com", "free.fr", "freesurf.ch", "gmail.com"),
        *("googlemail.com", "hispeed.ch", "icloud.com", "ik.me", "laposte.net", "libero.it", "mac.com"),
        *("mail.com", "mailbox.org", "me.com", "msn.com", "neuf.fr", "numericable.fr", "orange.fr"),
        *("pm.me", "posteo.de", "proton.me", "protonmail.ch", "protonmail.com", "sfr.fr", "sunrise.ch"),
        *("t-online.de", "tutanota.com", "virgilio.it", "vtxmail.ch", "wanadoo.fr", "web.de", "ymail.com"),
    }
)
"""Providers that have one domain."""

_FAMILIES = frozenset({"gmx", "hotmail", "live", "outlook", "yahoo"})
"""Providers that have the same name in many countries."""


def is_public(domain: str) -> bool:
    """Say whether anybody can have an address at `domain`, which is in lower case."""
    name, _, ending = domain.partition(".")
    # yahoo.fr and yahoo.co.uk, not yahoo.some-company.com.
    country = ending in ("com", "net", "org") or all(len(part) <= 3 for part in ending.split("."))
    return domain in _PROVIDERS or (name in _FAMILIES and bool(ending) and country)
