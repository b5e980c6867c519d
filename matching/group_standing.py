"""Whether people would be a group that the programme allows, as they and its rules stand now."""

from collections.abc import Collection

import numpy as np
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching import group_words, groups
from matching.group_runs import apart_in, sizes_of
from matching.models import Member, Mentorship
from matching.people_of import Snapshot, people_of
from programmes.models import Role

Members = Collection[tuple[str, int]]  # role, enrolment


def goes_on_with(mentorship: Mentorship, members: Collection[Member]) -> bool:
    """Whether these of an offered group are still one the programme allows: its number of mentors, enough
    mentees, and every rule. They are judged as if this offer had not been made."""
    if not mentorship.cohort.is_of_groups:
        return False
    proposed = mentorship.proposed_group
    seats = [(member.role, member.enrolment_id) for member in members]
    sizes = sizes_of(mentorship.cohort)
    if proposed is None:
        return sizes.fit(*(sum(of == role for of, _pk in seats) for role in Role))
    try:
        snapshot = people_of(mentorship.cohort, only=[pk for _role, pk in seats], aside=mentorship)
    except DomainError:  # what has to be compared is not known any more
        return False
    return not refusal(snapshot, proposed.theme_id, seats, sizes, apart_in(mentorship.cohort))


def refusal(snapshot: Snapshot, theme: int, members: Members, sizes: groups.Sizes, apart: np.ndarray) -> str:
    """Why these are no group around the theme, a topic; empty where they are one."""
    places = {pk: row for ids in (snapshot.mentor_ids, snapshot.mentee_ids) for row, pk in enumerate(ids)}
    if any(pk not in places for _role, pk in members):
        return _("Somebody of the group is no longer enrolled.")
    if theme not in snapshot.topics:
        return group_words.fault_sentence(["theme"], snapshot.rules)
    mentors, mentees = (
        side.take([places[pk] for of, pk in members if of == role])
        for side, role in ((snapshot.mentors, Role.MENTOR), (snapshot.mentees, Role.MENTEE))
    )
    case = groups.case_of(mentors, mentees, snapshot.rules, snapshot.weights, sizes, apart=apart)
    whole = groups.Group(tuple(range(len(mentors))), tuple(range(len(mentees))), snapshot.topics.index(theme))
    broken = groups.faults(case, whole)
    return group_words.fault_sentence(broken, snapshot.rules) if broken else ""
