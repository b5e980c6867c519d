import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from domain.requests import require, signed_in
from tests import factories

pytestmark = pytest.mark.django_db


def asked_by(person):
    request = RequestFactory().get("/")
    request.user = person
    return request


def test_signed_in_is_who_asks_and_refuses_nobody():
    person = factories.person()
    assert signed_in(asked_by(person)) == person
    with pytest.raises(PermissionDenied):
        signed_in(asked_by(AnonymousUser()))


@pytest.mark.parametrize(("is_hr_admin", "is_allowed"), [(True, True), (False, False)])
def test_require_asks_the_permission_table(is_hr_admin, is_allowed):
    request = asked_by(factories.person(is_hr_admin=is_hr_admin))
    if is_allowed:
        require(request, "programmes.create_programme")
    else:
        with pytest.raises(PermissionDenied):
            require(request, "programmes.create_programme")


def test_require_refuses_nobody_and_what_is_in_no_table():
    with pytest.raises(PermissionDenied):
        require(asked_by(AnonymousUser()), "programmes.create_programme")
    with pytest.raises(PermissionDenied):
        require(asked_by(factories.person(is_hr_admin=True)), "programmes.invented")
