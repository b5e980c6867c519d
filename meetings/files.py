"""Which files can be shared. They are kept outside every public folder and leave only as downloads."""

import unicodedata
from pathlib import PurePath
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from domain.errors import DomainError

LARGEST = 10 * 1024 * 1024  # bytes
ROOM = 100 * 1024 * 1024  # bytes, for all files of a mentorship
ZIP, PDF, OLD_OFFICE = b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0"
# Each type with the bytes its files begin with, so that a program under another name is refused.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (PDF,),
    **dict.fromkeys([".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"], (ZIP,)),
    **dict.fromkeys([".doc", ".xls", ".ppt"], (OLD_OFFICE,)),
    ".png": (b"\x89PNG\r\n",),
    **dict.fromkeys([".jpg", ".jpeg"], (b"\xff\xd8\xff",)),
    ".gif": (b"GIF8",),
    **dict.fromkeys([".txt", ".md", ".csv"], ()),
}


def check(file: UploadedFile) -> None:
    ending = PurePath(file.name or "").suffix.lower()
    if ending not in BEGINNINGS:
        raise DomainError(
            _("Files of this type cannot be shared. These can: %(types)s.")
            % {"types": ", ".join(sorted(name[1:] for name in BEGINNINGS))},
            field="file",
        )
    if (file.size or 0) > LARGEST:
        raise DomainError(_("This file is larger than 10 MB. Share a link to it instead."), field="file")
    beginning = file.read(8)
    file.seek(0)
    expected = BEGINNINGS[ending]
    if (expected and not beginning.startswith(expected)) or (not expected and b"\0" in beginning):
        raise DomainError(_("This file is not what its name says. Please check it."), field="file")


def safe_name(name: str) -> str:
    """What the file is called when it is downloaded: no folders, nothing that hides or reverses letters."""
    name = PurePath(name.replace("\\", "/")).name
    kept = "".join(c if unicodedata.category(c)[0] not in "CZ" or c == " " else " " for c in name)
    stem, ending = PurePath(" ".join(kept.split())).stem, PurePath(kept.strip()).suffix.lower()
    return f"{stem.strip('. ')[:120] or 'file'}{ending}"


def place_of(instance: object, name: str) -> str:
    """Where it is kept: nothing of what it is called, so that no name can lead out of the folder."""
    return f"resources/{uuid4().hex}{PurePath(name).suffix.lower()}"
