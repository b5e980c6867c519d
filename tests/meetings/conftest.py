import pytest

from matching.models import Member, Mentorship
from participants.models import Delegation, Person
from programmes.models import Role
from tests import factories


@pytest.fixture
def aylin() -> Person:
    return factories.person("Aylin Kaya", time_zone="Europe/Berlin")


@pytest.fixture
def martin() -> Person:
    return factories.person("Dr. Martin Vogel", time_zone="America/New_York")


@pytest.fixture
def mentorship(aylin, martin) -> Mentorship:
    return factories.mentorship(mentor=aylin, mentee=martin)


@pytest.fixture
def delegate(martin) -> Person:
    person = factories.person("Dana Delegate")
    Delegation.objects.create(person=martin, delegate=person)
    return person


@pytest.fixture
def mentor(mentorship) -> Member:
    return factories.member(mentorship, Role.MENTOR)


@pytest.fixture
def mentee(mentorship) -> Member:
    return factories.member(mentorship, Role.MENTEE)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
