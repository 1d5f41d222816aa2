"""The language of what customers write, from sentences as they write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall_tui.domain.language_guess import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, nous n'arrivons plus à accéder à notre messagerie depuis ce matin.", "fr"),
        ("Le site est en panne, merci de regarder.", "fr"),
        ("Problème d’accès au kDrive pour l’équipe", "fr"),
        ("serveur injoignable depuis 3h, pouvez-vous vérifier svp ? cordialement", "fr"),
        ("Hello, our website has been down since this morning. Please help.", "en"),
        ("We cannot send mail to any of our customers", "en"),
        ("The backup failed again and I don't know why", "en"),
        ("Guten Tag, seit heute Morgen können wir keine Mails mehr empfangen.", "de"),
        ("Unser Server ist nicht erreichbar, bitte um Hilfe", "de"),
        ("Grüezi, die Seite lädt nicht. Freundliche Grüsse", "de"),
        ("Buongiorno, il nostro sito non funziona più da questa mattina.", "it"),
        ("Non riusciamo a inviare messaggi, grazie per l'aiuto", "it"),
        # A mail that answers one in another language.
        ("Ça ne marche toujours pas chez nous.\n\n> Hello, please try this and tell us if it works", "fr"),
        ("It is still down.\n-- \nAnne Rochat, Banque du Léman, rue de la Gare, le pont et la ville", "en"),
        ("", ""),
        ("502", ""),
        ("Server srv-12 down", ""),
        ("https://le-la-les.example/une/page de@les.example", ""),
        ("Здравствуйте, сайт не работает", ""),
        ("Hola, el servidor no funciona", ""),
    ],
)
def test_what_customers_write(text: str, language: str) -> None:
    assert guess_language(text) == language


@given(st.text())
def test_a_guess_is_a_language_or_none(text: str) -> None:
    assert guess_language(text) in ("", "fr", "en", "de", "it")
