"""What opens an account from a mailbox: codes and reset links.

None of it is stored. It follows from the installation's key and from the person's address and sign-in
version, so that it opens nothing after a change of address or an end of being active.
"""

import string
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.crypto import salted_hmac

from participants.models import Person

# Without vowels, so that no code is a word (RFC 8628 section 6.1).
LETTERS = "".join(letter for letter in string.ascii_uppercase if letter not in "AEIOUY")


def login_code(person: Person, nonce: str) -> str:
    """Eight letters that fit one person at one address, and the one session that holds `nonce`."""
    about = f"{nonce}:{person.pk}:{person.email}:{person.sign_in_version}"
    number = int.from_bytes(salted_hmac("accounts.login-code", about, algorithm="sha256").digest())
    letters = []
    for _place in range(8):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


class ResetTokens(PasswordResetTokenGenerator):
    """Django's, bound to password, address and last sign-in. allauth's would write addresses of its own."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_in_version}"


def reset_link(person: Person) -> str:
    key = ResetTokens().make_token(person)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key])
    return settings.SITE_URL + path
