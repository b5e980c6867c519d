"""Which column of a file is which of our fields: guessed from its name, or told by hand."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.errors import DomainError

FIELDS: dict[str, str | Promise] = {
    "email": gettext_lazy("e-mail"),
    "name": gettext_lazy("name"),
    "given_name": gettext_lazy("given name"),
    "family_name": gettext_lazy("family name"),
    "external_id": gettext_lazy("number in the HR system"),
    "manager": gettext_lazy("manager (number, e-mail or name)"),
    "grade": gettext_lazy("grade"),
    "job_title": gettext_lazy("job title"),
    "organisation": gettext_lazy("organisation"),
    "unit": gettext_lazy("unit"),
    "site": gettext_lazy("site"),
    "profession": gettext_lazy("profession"),
    "joined_on": gettext_lazy("in the company since"),
    "language": gettext_lazy("language"),
}
# What a column may be called, without spaces, hyphens and what stands in brackets; of two columns for one
# field the one named earlier here is taken. English, German, and the exports of SAP SuccessFactors, SAP HCM,
# Workday, Personio, HiBob, BambooHR and the United Kingdom's organograms.
HEADINGS: dict[str, str] = {
    "email": "workemail emailprimarywork primaryworkemail emailwork businessemail businessemailaddress"
    " companyemail email emailaddress mail mailaddress emailadresse mailadresse dienstlicheemail"
    " dienstlicheemailadresse geschäftlicheemail emailgeschäftlich userprincipalname upn",
    "name": "name fullname displayname preferredname legalname workername worker employeename employee"
    " formattedname vollernamen vollständigername anzeigename mitarbeitername mitarbeiterin mitarbeiter",
    "given_name": "preferredfirstname givenname firstname legalfirstname forename vorname rufname",
    "family_name": "preferredlastname familyname lastname legallastname surname nachname familienname zuname",
    "external_id": "postuniquereference uniquereference employeeid employeenumber personidexternal"
    " employeeno personnelnumber personnelno staffnumber staffid workerid empid userid hrid externalid"
    " personalnummer personalnr persnr pernr mitarbeiternummer mitarbeiternr mitarbeiterid reference"
    " kennung id employee# userssysid",
    "manager": "reportstoseniorpost managerid manageruserid managersemployeeid manageremployeeid"
    " reportstoid supervisorid linemanagerid manageremail managersemail linemanageremail supervisoremail"
    " reportstoemail managerworkemail führungskraftemail emailführungskraft vorgesetzteremail"
    " vorgesetztenummer vorgesetzterid führungskraftid personalnummervorgesetzter"
    " personalnummerführungskraft reportsto reportingto manager workersmanager linemanager supervisor"
    " directmanager vorgesetzter vorgesetzte vorgesetzteperson führungskraft berichtetan",
    "grade": "grade paygrade joblevel careerlevel managementlevel compensationgrade level band seniority"
    " stufe karrierestufe karrierelevel gehaltsstufe entgeltgruppe tarifgruppe trfgr besoldungsgruppe",
    "job_title": "jobtitle businesstitle positiontitle title position jobprofile jobcode function role"
    " stelle stellenbezeichnung positionsbezeichnung planstelle funktion tätigkeit berufsbezeichnung",
    "organisation": "organisation organization company legalentity subcompany businessunit division"
    " unternehmen gesellschaft firma buchungskreis direktion geschäftsbereich",
    "unit": "unit department departmentname supervisoryorganization orgunit organizationalunit team"
    " costcenter costcentre bereich abteilung organisationseinheit orgeinheit kostenstelle",
    "site": "site location office worklocation workplace primaryworkaddresscity city standort büro"
    " arbeitsort dienstort niederlassung betriebsstätte personalbereich",
    "profession": "profession professionaloccupationalgroup professionalgroup jobfamily jobfamilygroup"
    " jobfunction occupation discipline beruf berufsgruppe fachgebiet jobfamilie fachrichtung",
    "joined_on": "joinedon hiredate originalhiredate startdate dateofjoining dateofhire entrydate"
    " companysince continuousservicedate eintritt eintrittsdatum einstellungsdatum eintrittam",
    "language": "language preferredlanguage defaultlocale locale sprache korrespondenzsprache",
}
KNOWN = {
    heading: (name, rank)
    for name, headings in HEADINGS.items()
    for rank, heading in enumerate(headings.split())
}
DATE_ORDERS = ("dmy", "mdy")


def bare(heading: str) -> str:
    return re.sub(r"\(.*?\)|[^\w#]|_", "", heading.casefold())


def guess(headers: Sequence[str]) -> dict[str, str]:
    """Column → field, each field once."""
    best: dict[str, tuple[int, str]] = {}
    for header in headers:
        name, rank = KNOWN.get(bare(header), ("", 0))
        if name and (name not in best or rank < best[name][0]):
            best[name] = rank, header
    columns = {header: name for name, (_rank, header) in best.items()}
    return {header: columns[header] for header in headers if header in columns}


def key_of(headers: Iterable[str]) -> str:
    """The same for the same columns, in whatever order they come."""
    return hashlib.sha256("\n".join(sorted(map(str.casefold, headers))).encode()).hexdigest()


@dataclass(frozen=True)
class ColumnChoice:
    """`columns`: column → field. `dates`: whether 03/04/2020 is the third of April (dmy) or 4 March (mdy)."""

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: str = "dmy"

    def check(self, headers: Sequence[str]) -> None:
        """Raises DomainError where it does not fit a file with these columns."""
        for header, name in self.columns.items():
            if header not in headers:
                raise DomainError(
                    _("The file has no column “%(column)s”. It has: %(columns)s.")
                    % {"column": header, "columns": ", ".join(headers)}
                )
            if name not in FIELDS:
                raise DomainError(
                    _("“%(field)s” is no field. There are: %(fields)s.")
                    % {"field": name, "fields": ", ".join(FIELDS)}
                )
        chosen = list(self.columns.values())
        for name in FIELDS:
            if chosen.count(name) > 1:
                raise DomainError(
                    _("Two columns are chosen for “%(field)s”. Keep one of them.") % {"field": FIELDS[name]}
                )
        if "email" not in chosen:
            raise DomainError(_("Choose the column that holds the e-mail address: people are known by it."))
        if not {"name", "family_name"} & set(chosen):
            raise DomainError(_("Choose the column that holds the name, or the given and the family name."))

    def as_json(self) -> dict[str, Any]:
        return {"columns": dict(self.columns), "dates": self.dates}


def from_json(told: Any, headers: Sequence[str]) -> ColumnChoice:
    """From {"columns": {column: field or null}, "dates": "dmy" or "mdy"}, or the columns alone.

    A column that is not named is guessed, one that is null is left out.
    """
    if not isinstance(told, dict):
        raise DomainError(_("The mapping must be a JSON object: {“column”: “field”, …}."))
    columns = told.get("columns", told) if isinstance(told.get("columns", told), dict) else {}
    dates = told.get("dates", "dmy") if columns is not told else "dmy"
    if dates not in DATE_ORDERS:
        raise DomainError(_("“dates” is “dmy” or “mdy”."))
    named = {header: name for header, name in columns.items() if name}
    rest = {
        header: name
        for header, name in guess(headers).items()
        if header not in columns and name not in named.values()
    }
    choice = ColumnChoice({**named, **rest}, dates)
    choice.check(headers)
    return choice


def guess_dates(samples: Iterable[str]) -> str:
    """“mdy” where a second part is above twelve and no first one is."""
    parts = [re.match(r"(\d{1,2})/(\d{1,2})/\d{2,4}", sample) for sample in samples]
    found = [(int(part[1]), int(part[2])) for part in parts if part]
    return "mdy" if any(b > 12 for _a, b in found) and all(a <= 12 for a, _b in found) else "dmy"


@lru_cache(maxsize=10_000)
def day_of(written: str, order: str = "dmy") -> date | None:
    """A day as 2020-04-03, 3.4.2020, 03/04/2020 or 03-Apr-2020 may write it; None where it is none."""
    try:
        if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?", written):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{8})", written):
            return date(int(written[:4]), int(written[4:6]), int(written[6:]))
        if found := re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[T ].*)?", written):
            first, second = int(found[1]), int(found[3])
            # Points are written day first everywhere.
            day, month = (second, first) if order == "mdy" and found[2] != "." else (first, second)
            return date(int(found[4]), month, day)
        if found := re.fullmatch(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})", written):
            return date(int(found[3]), MONTHS.index(found[2].lower()) + 1, int(found[1]))
    except ValueError:
        return None
    return None


MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
