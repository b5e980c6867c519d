"""Everything the product holds of one person, for them (GDPR, Articles 15 and 20): as data, and to read.

Nothing is in it that another person wrote in confidence. Which tables and columns are, says `declared.HELD`.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from meetings.models import Resource
from mentoring.personal.declared import HELD
from mentoring.personal.held import model_of
from participants.models import Person


@dataclass(frozen=True)
class Section:
    label: str
    """Of the model, as in “meetings.MeetingLog”."""
    model: type[Model]
    rows: list[dict[str, Any]]


def sections(person: Person) -> Iterator[Section]:
    """One query for each table that can hold something of a person, however much it holds."""
    for label, held in HELD.items():
        if held.copy:
            model = model_of(label)
            spoken = held.translated(model)
            yield Section(label, model, [in_language(row, spoken) for row in held.copied(model, person)])


def in_language(row: dict[str, Any], spoken: dict[str, str]) -> dict[str, Any]:
    """What HR wrote in one language alone stands in that one."""
    told = {lookup: row.pop(localised) for lookup, localised in spoken.items()}
    return row | {lookup: text for lookup, text in told.items() if text}


def as_data(person: Person, at: datetime) -> dict[str, Any]:
    """By table, each a list of rows. Tables without a row are there, too: they show what was looked at."""
    return {
        "person": person.email,
        "made_at": at,
        "data": {section.label: section.rows for section in sections(person)},
    }


def as_json(person: Person, at: datetime) -> str:
    return json.dumps(as_data(person, at), cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def as_archive(person: Person, at: datetime) -> IO[bytes]:
    """`data.json`, and the files they shared under the numbers they have there. On disk once it grows."""
    archive = tempfile.SpooledTemporaryFile(max_size=2**20)  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", as_json(person, at))
        mine = Resource.objects.filter(member__enrolment__person=person).exclude(file="")
        for resource in mine.order_by("pk"):
            if not (resource.file.name and resource.file.storage.exists(resource.file.name)):
                continue
            name = f"files/{resource.pk}-{PurePath(resource.file_name).name or 'file'}"
            with resource.file.open("rb") as file, packed.open(name, "w") as target:
                for part in file.chunks():
                    target.write(part)
    archive.seek(0)
    return archive
