import pytest
from django.urls import reverse

from agreements.actions import ClauseEdit, adapt, agreement_for, sign
from programmes.models import Role
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LIST = reverse("admin:matching_mentorship_changelist")


def signed(**fields) -> tuple:
    mentorship = factories.mentorship(state="confirmed", **fields)
    agreement = agreement_for(mentorship)
    adapt(
        agreement=agreement,
        member=factories.member(mentorship, Role.MENTOR),
        clauses=[ClauseEdit(kind="taboo", text="Our secret clause.")],
    )
    for member in mentorship.members.all():
        sign(agreement=agreement, member=member, version_number=2, at=NOW)
    return mentorship, agreement


def test_staff_see_whether_it_is_signed_and_since_when_and_no_clause(client):
    mentorship, agreement = signed()
    client.force_login(factories.hr_admin())
    page = client.get(reverse("admin:matching_mentorship_change", args=[mentorship.pk])).content.decode()
    assert ("signed since 15 September 2026" in page, "secret clause" in page) == (True, False)
    adapt(
        agreement=agreement,
        member=factories.member(mentorship, Role.MENTOR),
        clauses=[ClauseEdit(kind="taboo", text="One more.")],
    )
    page = client.get(LIST).content.decode()
    assert ("not signed, 0 of 2 signatures" in page, "secret clause" in page) == (True, False)


def test_list_can_be_narrowed_to_what_is_not_signed(client):
    mentorship, _agreement = signed()
    factories.mentorship(state="ended")
    waiting = factories.mentorship(state="confirmed")
    client.force_login(factories.hr_admin())
    shown = {
        value: list(client.get(LIST, {"agreement": value}).context["cl"].queryset)
        for value in ("signed", "unsigned")
    }
    assert shown == {"signed": [mentorship], "unsigned": [waiting]}


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_whatever_is_in_it(client, count, django_assert_num_queries):
    cohort = factories.cohort()
    for _number in range(count):
        signed(in_cohort=cohort)
    client.force_login(factories.hr_admin())
    with django_assert_num_queries(9):
        assert client.get(LIST).status_code == 200


def test_list_shows_a_coordinator_of_another_programme_nothing(client):
    signed()
    stranger = factories.person()
    factories.programme_role(factories.programme(), stranger, "coordinator")
    client.force_login(stranger)
    assert list(client.get(LIST).context["cl"].queryset) == []
