"""The one table of who may do what.

Asked with `person.has_perm(name, obj)`. A name that is not in the table is refused, to everybody. Reads go
through `Model.objects.visible_to(person)`; what people say to each other appears in neither ADMIN_MODELS nor
any act of staff, so that it has no admin path.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Model

from concerns.models import Concern, Reader
from insights import scope
from matching.models import Member, Mentorship
from participants.models import Delegation, Person
from programmes.models import Programme, ProgrammeRole

Predicate = Callable[[Person, Any], bool]


def anybody(person: Person, obj: object) -> bool:
    return True


def nobody(person: Person, obj: object) -> bool:
    return False


def hr_admin(person: Person, obj: object) -> bool:
    return person.is_hr_admin


def holds(role: ProgrammeRole.Kind) -> Predicate:
    """Holds the role in the programme of `obj`, or in any when asked without one."""

    def predicate(person: Person, obj: object) -> bool:
        roles = ProgrammeRole.objects.filter(person=person, role=role)
        return (roles if obj is None else roles.filter(programme=programme_of(obj))).exists()

    return predicate


coordinator = holds(ProgrammeRole.Kind.COORDINATOR)
confidant = holds(ProgrammeRole.Kind.CONFIDANT)
sponsor = holds(ProgrammeRole.Kind.SPONSOR)


def staff(person: Person, obj: object) -> bool:
    return person.is_hr_admin or coordinator(person, obj)


def themselves(person: Person, obj: Any) -> bool:
    return obj.person_id == person.pk


def member(person: Person, obj: Any) -> bool:
    return Member.objects.filter(mentorship=mentorship_of(obj), enrolment__person=person).exists()


def member_at_any_time(person: Person, obj: Any) -> bool:
    """Also whoever left a group: what happened there can be told afterwards."""
    return Member.of_all_time.filter(mentorship=mentorship_of(obj), enrolment__person=person).exists()


def member_of_live(person: Person, obj: Any) -> bool:
    return member(person, obj) and mentorship_of(obj).is_live


def arranger(person: Person, obj: Any) -> bool:
    """A member or the delegate of a member, while the mentorship lives."""
    mentorship = mentorship_of(obj)
    if not mentorship.is_live:
        return False
    return (
        member(person, obj)
        or Delegation.objects.filter(
            delegate=person,
            person__enrolments__memberships__mentorship=mentorship,
            person__enrolments__memberships__left_at=None,
        ).exists()
    )


def raised_it(person: Person, obj: Concern) -> bool:
    return obj.raised_by_id == person.pk


def reading_confidant(person: Person, obj: Concern | None) -> bool:
    if obj is None:
        return confidant(person, None) or Reader.objects.filter(person=person).exists()
    return Concern.objects.readable_by(person).filter(pk=obj.pk).exists()


def insights_reader(person: Person, obj: Programme | None) -> bool:
    """Staff, sponsors of the programme, and heads of a unit of which enough people take part in it."""
    if obj is not None:
        return scope.reads(person, obj)
    return staff(person, None) or sponsor(person, None) or person.headed_units.exists()


def any_of(*predicates: Predicate) -> Predicate:
    return lambda person, obj: any(predicate(person, obj) for predicate in predicates)


ACTS: dict[str, Predicate] = {
    "mentoring.enter_admin": staff,
    "mentoring.nudge": staff,
    "participants.import_people": hr_admin,
    "participants.erase_person": hr_admin,
    "programmes.create_programme": hr_admin,
    "programmes.run_programme": staff,
    "programmes.set_safeguards": hr_admin,
    "programmes.take_part": themselves,
    "matching.run_matching": staff,
    "matching.decide": staff,
    "matching.answer_offer": member,
    "matching.pause_or_end": member_of_live,
    "matching.ask": themselves,
    "matching.answer_request": lambda person, obj: obj.asked.person_id == person.pk,
    "matching.withdraw_request": lambda person, obj: obj.asker.person_id == person.pk,
    "agreements.adapt": member_of_live,
    "agreements.sign": member_of_live,
    "meetings.plan": arranger,
    "meetings.log": member,
    "meetings.log_unplanned": member_of_live,
    "meetings.share_resource": member_of_live,
    "goals.set": member_of_live,
    "goals.check_in": member_of_live,
    "pulses.answer": lambda person, obj: obj.enrolment.person_id == person.pk,
    "feedback.give": member,
    "endings.take_leave": member,
    "feedback.exchange": member_of_live,
    "concerns.raise": member_at_any_time,
    "concerns.care": reading_confidant,
    "concerns.write": any_of(raised_it, reading_confidant),
    "insights.read": insights_reader,
}

# Who sees and changes a model in the admin site. What is not named here is not there.
ADMIN_MODELS: dict[str, dict[str, Predicate]] = {
    **{
        f"participants.{model}": {
            "view": hr_admin,
            "add": hr_admin,
            "change": hr_admin,
            "delete": hr_admin,
        }
        for model in [
            "grade",
            "unit",
            "site",
            "profession",
            "topic",
            "delegation",
            "personlanguage",
        ]
    },
    "participants.person": {
        "view": hr_admin,
        "add": hr_admin,
        "change": hr_admin,
        "delete": nobody,
    },
    "participants.peopleimport": {
        "view": hr_admin,
        "add": hr_admin,
        "change": nobody,
        "delete": nobody,
    },
    "programmes.programme": {
        "view": staff,
        "add": hr_admin,
        "change": staff,
        "delete": hr_admin,
    },
    "programmes.programmerole": {
        "view": staff,
        "add": hr_admin,
        "change": hr_admin,
        "delete": hr_admin,
    },
    **{
        f"programmes.{model}": {
            "view": staff,
            "add": staff,
            "change": staff,
            "delete": staff,
        }
        for model in [
            "eligibility",
            "objective",
            "groundrule",
            "briefingpage",
            "invitation",
            "wording",
        ]
    },
    "programmes.cohort": {
        "view": staff,
        "add": staff,
        "change": staff,
        "delete": nobody,
    },
    "programmes.enrolment": {
        "view": staff,
        "add": nobody,
        "change": staff,
        "delete": nobody,
    },
    "matching.matchingpolicy": {
        "view": staff,
        "add": staff,
        "change": staff,
        "delete": nobody,
    },
    "matching.block": {"view": staff, "add": staff, "change": staff, "delete": staff},
    "matching.matchrun": {
        "view": staff,
        "add": nobody,
        "change": nobody,
        "delete": nobody,
    },
    "matching.proposal": {
        "view": staff,
        "add": nobody,
        "change": nobody,
        "delete": nobody,
    },
    "matching.mentorship": {
        "view": staff,
        "add": nobody,
        "change": nobody,
        "delete": nobody,
    },
    "pulses.ownquestion": {
        "view": staff,
        "add": staff,
        "change": staff,
        "delete": staff,
    },
    "admin.logentry": {"view": hr_admin},
}


def programme_of(obj: Any) -> Programme | None:
    """The programme something belongs to; None for an object that is not saved yet."""
    for step in ("mentorship", "run", "enrolment", "cohort", "programme"):
        obj = getattr(obj, step, obj)
    return obj if isinstance(obj, Programme) else None


def mentorship_of(obj: Any) -> Mentorship:
    for step in ("meeting", "goal", "version", "agreement", "mentorship"):
        obj = getattr(obj, step, obj)
    return obj


class Backend(AuthenticationBackend):
    """Signs people in by e-mail as allauth does; answers `has_perm` from the two tables above."""

    def has_perm(self, person: Any, name: str, obj: Model | None = None) -> bool:
        if not (person.is_authenticated and person.is_active):
            return False
        predicate = ACTS.get(name) or admin_predicate(name)
        return predicate is not None and predicate(person, obj)

    def get_all_permissions(self, person: Any, obj: Model | None = None) -> set[str]:
        return set()


def admin_predicate(name: str) -> Predicate | None:
    app, _, codename = name.partition(".")
    verb, _, model = codename.partition("_")
    return ADMIN_MODELS.get(f"{app}.{model}", {}).get(verb)
