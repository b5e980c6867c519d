from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


def cipher() -> MultiFernet:
    """Encrypts with the newest of `settings.CONCERN_KEYS`, reads what any of them wrote."""
    return MultiFernet([Fernet(key) for key in settings.CONCERN_KEYS])


class EncryptedTextField(models.BinaryField):
    """Text that lies encrypted in the database and is text in Python."""

    def get_prep_value(self, value: str | None) -> bytes | None:
        return None if value is None else cipher().encrypt(value.encode())

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else cipher().decrypt(bytes(value)).decode()

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
