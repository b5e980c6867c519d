"""The four forms of mentoring as programmes to start from: one TOML file each, English beside German.

A preset belongs to the form of the same name, so that a new cohort can still be offered its rhythm.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from programmes.models import Programme

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Preset:
    form: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        return spoken(self.content["name"])

    @property
    def summary(self) -> str:
        return spoken(self.content["summary"])

    @property
    def eligibility_hint(self) -> str:
        return spoken(self.content["eligibility_hint"])

    @property
    def rhythm(self) -> dict[str, Any]:
        """Values for the fields of a cohort."""
        return self.content["rhythm"]


def spoken(text: dict[str, str]) -> str:
    """The text in the language of whoever reads now."""
    return text["de"] if (get_language() or "").startswith("de") else text["en"]


@cache
def preset(form: str) -> Preset:
    return Preset(form, tomllib.loads((FOLDER / f"{form}.toml").read_text(encoding="utf-8")))


def presets() -> list[Preset]:
    return [preset(form) for form in Programme.Form.values]
