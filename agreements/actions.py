from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agreements import reminders
from agreements.models import Agreement, Clause, Signature, Version
from domain.errors import DomainError
from matching.models import Member, Mentorship
from programmes.models import GroundRule


class OutdatedVersion(DomainError):
    """Somebody else changed the agreement in between."""


@dataclass(frozen=True)
class ClauseEdit:
    """One wish of a member. With `position`: reword or strike the clause that stands there, or bring it back;
    of a mandatory one, `text` is what is added to it. Without: add a clause about `kind`."""

    text: str
    position: int | None = None
    kind: str = ""
    struck: bool = False


@transaction.atomic
def agreement_for(mentorship: Mentorship, *, at: datetime | None = None) -> Agreement:
    """The mentorship's agreement; the first call copies the programme's ground rules into version 1, in every
    language they are written in."""
    at = at or timezone.now()
    agreement, created = Agreement.objects.get_or_create(mentorship=mentorship, defaults={"created_at": at})
    if created:
        version = Version.objects.create(agreement=agreement, number=1, created_at=at)
        Clause.objects.bulk_create(
            Clause(
                version=version,
                ground_rule=rule,
                kind=rule.kind,
                original=texts_of(rule),
                is_mandatory=rule.is_mandatory,
                position=position,
            )
            for position, rule in enumerate(mentorship.cohort.programme.ground_rules.all(), start=1)
        )
    return agreement


def texts_of(rule: GroundRule) -> dict[str, str]:
    texts = {code: clean(getattr(rule, f"text_{code}") or "") for code, _name in settings.LANGUAGES}
    return {code: text for code, text in texts.items() if text}


@transaction.atomic
def adapt(
    *,
    agreement: Agreement,
    member: Member,
    clauses: Sequence[ClauseEdit],
    version_number: int | None = None,
    at: datetime | None = None,
) -> Version:
    """Make the next version out of the current one and the edits; what is not mentioned stays as it is.

    `version_number` is the version the member had before them; None means the current one. Without a
    change nothing is saved. The new version needs everybody's signature, and the others are told.
    """
    at = at or timezone.now()
    mentorship = lock_going(agreement)
    current = agreement.current_version()
    if version_number is not None and version_number != current.number:
        raise OutdatedVersion(
            _(
                "The agreement was changed while you were writing. What you typed is kept below, on top of "
                "the newest version. Read it through and save again."
            )
        )
    before = list(current.clauses.all())
    after = apply(before, clauses, member.person.language)
    if [state_of(clause) for clause in before] == [state_of(clause) for clause in after]:
        return current
    version = Version.objects.create(
        agreement=agreement, number=current.number + 1, created_by=member, created_at=at
    )
    for clause in after:
        clause.version = version
    Clause.objects.bulk_create(after)
    reminders.post_to_sign(version, mentorship, at)
    return version


@transaction.atomic
def sign(
    *, agreement: Agreement, member: Member, version_number: int, at: datetime | None = None
) -> Signature:
    """Sign the current version, once. When everybody has, a confirmed mentorship becomes active."""
    at = at or timezone.now()
    mentorship = lock_going(agreement)
    current = agreement.current_version()
    if version_number != current.number:
        raise OutdatedVersion(
            _("The agreement was changed in the meantime. Please read the newest version before you sign.")
        )
    signature, _created = Signature.objects.get_or_create(
        version=current, member=member, defaults={"signed_at": at}
    )
    if mentorship.state == Mentorship.State.CONFIRMED and is_signed(current, mentorship):
        mentorship.move_to(Mentorship.State.ACTIVE, activated_at=at)
    return signature


@transaction.atomic
def activate_if_signed(mentorship: Mentorship, *, at: datetime) -> bool:
    """For a group that somebody left whose signature was the last one missing."""
    locked = Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    if locked.state != Mentorship.State.CONFIRMED:
        return False
    if not is_signed(locked.agreement.current_version(), locked):
        return False
    return locked.move_to(Mentorship.State.ACTIVE, activated_at=at)


def is_signed(version: Version, mentorship: Mentorship) -> bool:
    return not mentorship.members.exclude(signatures__version=version).exists()


def lock_going(agreement: Agreement) -> Mentorship:
    """Hold the mentorship until the act is done, so that its members' acts come one after the other."""
    mentorship = (
        Mentorship.objects.with_members().select_for_update(of=["self"]).get(pk=agreement.mentorship_id)
    )
    if mentorship.state not in (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE):
        raise DomainError(
            _("This mentorship is “%(state)s”, so its agreement rests. You can read it at any time.")
            % {"state": mentorship.get_state_display()}
        )
    return mentorship


def apply(clauses: Sequence[Clause], edits: Sequence[ClauseEdit], language: str) -> list[Clause]:
    """Unsaved copies of `clauses` with the edits worked in, which were typed in `language`. Positions never
    change, so that versions can be laid beside each other; added clauses come last."""
    by_position = {edit.position: edit for edit in edits if edit.position is not None}
    copies = [copy_of(clause, by_position.get(clause.position), language) for clause in clauses]
    last = copies[-1].position if copies else 0
    additions = [edit for edit in edits if edit.position is None and edit.text.strip()]
    return copies + [addition(edit, last + n, language) for n, edit in enumerate(additions, start=1)]


def copy_of(clause: Clause, edit: ClauseEdit | None, language: str) -> Clause:
    copy = Clause(
        ground_rule_id=clause.ground_rule_id,
        kind=clause.kind,
        original=clause.original,
        text=clause.text,
        language=clause.language,
        is_mandatory=clause.is_mandatory,
        is_struck=clause.is_struck,
        position=clause.position,
    )
    if edit is None:
        return copy
    if edit.struck and clause.is_mandatory:
        raise DomainError(
            _("“%(clause)s” belongs to every agreement of this programme. You can add to it, not strike it.")
            % {"clause": clause}
        )
    text = clean(edit.text)
    if not (text or clause.is_mandatory):
        raise DomainError(_("A clause needs words. To do without it, strike it."))
    if text in clause.original.values() and not clause.is_mandatory:
        text = ""  # the programme's own words again, in whichever language they were read
    copy.is_struck = edit.struck
    if text != clean(clause.text):
        copy.text, copy.language = text, language if text else ""
    return copy


def addition(edit: ClauseEdit, position: int, language: str) -> Clause:
    if edit.kind not in GroundRule.Kind.values:
        raise DomainError(_("Choose what the new clause is about."))
    return Clause(kind=edit.kind, text=clean(edit.text), language=language, position=position)


def clean(text: str) -> str:
    """Browsers send line ends as CR LF; the database holds LF."""
    return text.replace("\r\n", "\n").strip()


def state_of(clause: Clause) -> tuple[int, str, bool]:
    return clause.position, clean(clause.text), clause.is_struck
