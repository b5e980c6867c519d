"""What needs the attention of HR or a coordinator: the start page of the admin site."""

from dataclasses import dataclass

from participants.models import Person


@dataclass(frozen=True)
class Item:
    title: str
    text: str
    url: str
    label: str
    """The verb on its link."""


def attention(person: Person) -> list[Item]:
    return []
