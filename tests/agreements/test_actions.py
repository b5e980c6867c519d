from datetime import timedelta

import pytest

from agreements.actions import (
    ClauseEdit,
    OutdatedVersion,
    activate_if_signed,
    adapt,
    agreement_for,
    is_signed,
    sign,
)
from agreements.models import Agreement, Signature, Version
from agreements.waiting import waiting_for
from domain.errors import DomainError
from matching.models import Mentorship
from notices.models import Notice
from programmes.models import GroundRule, Role
from tests import factories
from tests.factories import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def confirmed(**languages: str) -> Mentorship:
    return factories.mentorship(
        mentor=factories.person("Aylin Kaya", language=languages.get("mentor", "en")),
        mentee=factories.person("Dr. Martin Vogel", language=languages.get("mentee", "en")),
        state=Mentorship.State.CONFIRMED,
    )


def parts(mentorship: Mentorship) -> tuple:
    agreement = agreement_for(mentorship, at=NOW)
    return agreement, factories.member(mentorship, Role.MENTOR), factories.member(mentorship, Role.MENTEE)


def test_agreement_copies_the_ground_rules_once():
    mentorship = confirmed()
    first, second = agreement_for(mentorship, at=NOW), agreement_for(mentorship, at=NOW)
    assert first == second
    assert [
        (clause.words("en"), clause.words("de"), clause.text, clause.kind, clause.is_mandatory)
        for clause in first.current_version().clauses.all()
    ] == [
        ("Nothing private.", "Nichts Privates.", "", "taboo", False),
        ("It stays between us.", "Es bleibt unter uns.", "", "confidentiality", True),
    ]


def test_each_reads_the_programmes_words_in_their_language_and_own_words_as_typed():
    agreement, _mentor, mentee = parts(confirmed(mentor="en", mentee="de"))
    adapt(
        agreement=agreement,
        member=mentee,
        clauses=[
            ClauseEdit(position=1, text="Nichts über Gesundheit."),
            ClauseEdit(position=2, text="Für immer."),
        ],
        version_number=1,
    )
    first, second = agreement.current_version().clauses.all()
    assert (first.words("en"), first.language) == ("Nichts über Gesundheit.", "de")
    assert second.words("en") == "It stays between us.\nFür immer."
    assert second.words("de") == "Es bleibt unter uns.\nFür immer."


def test_the_programmes_own_words_again_are_no_change_in_either_language():
    agreement, mentor, mentee = parts(confirmed(mentor="en", mentee="de"))
    for member, text in ((mentor, "Nothing private."), (mentee, "Nichts Privates.")):
        adapt(agreement=agreement, member=member, clauses=[ClauseEdit(position=1, text=text)])
    assert Version.objects.count() == 1


def test_agreement_keeps_its_text_when_the_programme_changes_its_own():
    mentorship = confirmed()
    agreement_for(mentorship, at=NOW)
    GroundRule.objects.update(text_en="Anything goes.")
    assert agreement_for(mentorship).current_version().clauses.first().words("en") == "Nothing private."


def test_adapt_makes_a_version_and_tells_the_others_only():
    agreement, mentor, mentee = parts(confirmed())
    adapt(
        agreement=agreement,
        member=mentor,
        clauses=[
            ClauseEdit(position=1, text="Nothing about health."),
            ClauseEdit(position=2, text="For good."),
            ClauseEdit(kind=GroundRule.Kind.LOGISTICS, text="Coffee first."),
        ],
        version_number=1,
        at=NOW,
    )
    version = agreement.current_version()
    assert (version.number, version.created_by, version.created_at) == (2, mentor, NOW)
    assert [(c.position, c.words("en"), c.is_changed) for c in version.clauses.all()] == [
        (1, "Nothing about health.", True),
        (2, "It stays between us.\nFor good.", True),
        (3, "Coffee first.", True),
    ]
    assert [c.words("en") for c in agreement.versions.get(number=1).clauses.all()] == [
        "Nothing private.",
        "It stays between us.",
    ]
    assert [(n.recipient, n.kind, n.created_at) for n in Notice.objects.all()] == [
        (mentee.person, "agreement-to-sign", NOW)
    ]


def test_adapt_without_a_change_saves_nothing():
    agreement, mentor, _mentee = parts(confirmed())
    adapt(
        agreement=agreement,
        member=mentor,
        clauses=[ClauseEdit(position=1, text=" Nothing private.\r\n"), ClauseEdit(kind="taboo", text="  ")],
        version_number=1,
    )
    assert (Version.objects.count(), Notice.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    "edit",
    [
        ClauseEdit(position=2, text="", struck=True),
        ClauseEdit(position=1, text=""),
        ClauseEdit(kind="nonsense", text="Hello"),
    ],
)
def test_adapt_refuses_what_the_programme_does_not_allow(edit):
    agreement, mentor, _mentee = parts(confirmed())
    with pytest.raises(DomainError):
        adapt(agreement=agreement, member=mentor, clauses=[edit], version_number=1)
    assert Version.objects.count() == 1


def test_adapt_strikes_and_brings_back():
    agreement, mentor, _mentee = parts(confirmed())
    adapt(
        agreement=agreement,
        member=mentor,
        clauses=[ClauseEdit(position=1, text="Nothing private.", struck=True)],
    )
    assert agreement.current_version().clauses.get(position=1).is_struck is True
    adapt(agreement=agreement, member=mentor, clauses=[ClauseEdit(position=1, text="Nothing private.")])
    assert agreement.current_version().clauses.get(position=1).is_struck is False


def test_adapt_refuses_an_outdated_version():
    agreement, mentor, mentee = parts(confirmed())
    edit = ClauseEdit(position=1, text="Nothing about health.")
    adapt(agreement=agreement, member=mentor, clauses=[edit], version_number=1)
    with pytest.raises(OutdatedVersion):
        adapt(agreement=agreement, member=mentee, clauses=[edit], version_number=1)
    assert Version.objects.count() == 2


def test_sign_by_all_activates_the_mentorship_once():
    mentorship = confirmed()
    agreement, mentor, mentee = parts(mentorship)
    sign(agreement=agreement, member=mentor, version_number=1, at=NOW)
    sign(agreement=agreement, member=mentor, version_number=1, at=NOW + timedelta(hours=1))
    mentorship.refresh_from_db()
    assert mentorship.state == Mentorship.State.CONFIRMED
    sign(agreement=agreement, member=mentee, version_number=1, at=NOW + timedelta(days=1))
    mentorship.refresh_from_db()
    assert (mentorship.state, mentorship.activated_at) == (Mentorship.State.ACTIVE, NOW + timedelta(days=1))
    assert [s.signed_at for s in Signature.objects.all()] == [NOW, NOW + timedelta(days=1)]
    assert list(Agreement.objects.signed()) == [agreement]


def test_sign_refuses_an_outdated_version():
    agreement, mentor, mentee = parts(confirmed())
    adapt(agreement=agreement, member=mentor, clauses=[ClauseEdit(kind="taboo", text="Politics.")])
    with pytest.raises(OutdatedVersion):
        sign(agreement=agreement, member=mentee, version_number=1)
    assert Signature.objects.count() == 0


def test_change_after_signing_needs_new_signatures_and_leaves_the_mentorship_active():
    mentorship = confirmed()
    agreement, mentor, mentee = parts(mentorship)
    for member in (mentor, mentee):
        sign(agreement=agreement, member=member, version_number=1)
    adapt(agreement=agreement, member=mentor, clauses=[ClauseEdit(kind="taboo", text="Politics.")])
    mentorship.refresh_from_db()
    assert mentorship.state == Mentorship.State.ACTIVE
    assert list(Agreement.objects.signed()) == []


def test_signatures_under_different_versions_are_not_signed_by_all():
    """The mentor signed the first version, the mentee the second: each signed, and nothing is agreed."""
    mentorship = confirmed()
    agreement, mentor, mentee = parts(mentorship)
    sign(agreement=agreement, member=mentor, version_number=1, at=NOW)
    adapt(agreement=agreement, member=mentee, clauses=[ClauseEdit(kind="taboo", text="Politics.")], at=NOW)
    sign(agreement=agreement, member=mentee, version_number=2, at=NOW)
    mentorship.refresh_from_db()
    assert mentorship.state == Mentorship.State.CONFIRMED
    assert not is_signed(agreement.current_version(), mentorship)
    assert not activate_if_signed(mentorship, at=NOW)
    assert list(Agreement.objects.signed()) == []
    assert [waiting.about for waiting in waiting_for(mentor.person, NOW)] == [mentorship.pk]
    assert waiting_for(mentee.person, NOW) == []
    sign(agreement=agreement, member=mentor, version_number=2, at=NOW + timedelta(days=1))
    mentorship.refresh_from_db()
    assert (mentorship.state, mentorship.activated_at) == (Mentorship.State.ACTIVE, NOW + timedelta(days=1))
    assert list(Agreement.objects.signed()) == [agreement]


def test_signature_on_the_newest_version_counts_whatever_was_signed_before():
    mentorship = confirmed()
    agreement, mentor, mentee = parts(mentorship)
    sign(agreement=agreement, member=mentor, version_number=1, at=NOW)
    adapt(agreement=agreement, member=mentee, clauses=[ClauseEdit(kind="taboo", text="Politics.")], at=NOW)
    for member in (mentor, mentee):
        assert list(Agreement.objects.signed()) == []
        sign(agreement=agreement, member=member, version_number=2, at=NOW)
    assert list(Agreement.objects.signed()) == [agreement]


@pytest.mark.parametrize("state", ["paused", "ended", "completed"])
def test_agreement_of_a_mentorship_that_rests_is_neither_changed_nor_signed(state):
    mentorship = confirmed()
    agreement, mentor, _mentee = parts(mentorship)
    Mentorship.objects.update(state=state)
    with pytest.raises(DomainError):
        sign(agreement=agreement, member=mentor, version_number=1)
    with pytest.raises(DomainError):
        adapt(agreement=agreement, member=mentor, clauses=[ClauseEdit(kind="taboo", text="Politics.")])
    mentorship.refresh_from_db()
    assert mentorship.state == state


@pytest.mark.django_db(transaction=True)
def test_two_members_who_sign_at_once_activate_the_mentorship():
    mentorship = confirmed()
    agreement, mentor, mentee = parts(mentorship)
    results = at_once(
        *[
            lambda member=member: sign(agreement=agreement, member=member, version_number=1)
            for member in (mentor, mentee, mentor)
        ]
    )
    mentorship.refresh_from_db()
    assert [type(result) for result in results] == [Signature] * 3
    assert (mentorship.state, Signature.objects.count()) == (Mentorship.State.ACTIVE, 2)


@pytest.mark.django_db(transaction=True)
def test_of_two_members_who_adapt_at_once_the_second_is_told():
    agreement, mentor, mentee = parts(confirmed())
    results = at_once(
        *[
            lambda member=member: adapt(
                agreement=agreement,
                member=member,
                clauses=[ClauseEdit(kind="taboo", text=f"From {member.role}.")],
                version_number=1,
            )
            for member in (mentor, mentee)
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["OutdatedVersion", "Version"]
    assert Version.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_agreement_asked_for_twice_at_once_is_one():
    mentorship = confirmed()
    results = at_once(*[lambda: agreement_for(mentorship)] * 2)
    assert results[0] == results[1]
    assert (Agreement.objects.count(), Version.objects.count()) == (1, 1)
