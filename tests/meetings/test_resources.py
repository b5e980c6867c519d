from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DomainError
from meetings import actions, files
from meetings.models import Resource
from tests import factories

pytestmark = pytest.mark.django_db


def share(mentorship, member, name="a.txt", content=b"text", **more) -> Resource:
    file = SimpleUploadedFile("x.txt", content)
    file._name = name
    return actions.share(**{"mentorship": mentorship, "member": member, "title": "It", "file": file, **more})


def kept(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("slides.PDF", "slides.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\plan.txt", "plan.txt"),
        ("invoice\u202efdp.txt", "invoice fdp.txt"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie: x.txt"),
        ("Mäuse & Öl.txt", "Mäuse & Öl.txt"),
        (".txt.txt", "txt.txt"),
        ("x" * 400 + ".txt", "x" * 120 + ".txt"),
    ],
)
def test_name_is_kept_as_far_as_it_is_one(name, expected):
    assert files.safe_name(name) == expected


@given(name=st.text(max_size=60))
def test_name_never_leads_anywhere_nor_hides_anything(name):
    safe = files.safe_name(name)
    assert 0 < len(safe) <= 200
    assert [c for c in safe if c in "/\\\r\n\0\u202e\u200b"] == []


def test_file_is_kept_under_a_name_of_its_own(mentorship, mentor, media, settings):
    first, second = share(mentorship, mentor, "same.txt"), share(mentorship, mentor, "same.txt")
    assert (first.file_name, second.file_name, first.size) == ("same.txt", "same.txt", 4)
    assert len(kept(settings)) == 2
    assert [path for path in kept(settings) if "same" in path.name] == []


def test_files_of_a_mentorship_have_room_together(mentorship, mentor, mentee, media, monkeypatch):
    monkeypatch.setattr(files, "ROOM", 10)
    share(mentorship, mentor, content=b"123456")
    with pytest.raises(DomainError) as refusal:
        share(mentorship, mentee, content=b"12345")
    assert refusal.value.field == "file"
    other = factories.mentorship()
    share(other, factories.member(other, "mentor"), content=b"12345")
    assert Resource.objects.count() == 2


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://example.org/a", "data:text/html,x", "//example.org"]
)
def test_link_is_one_of_the_web(mentorship, mentor, link):
    with pytest.raises(DomainError) as refusal:
        actions.share(mentorship=mentorship, member=mentor, title="It", link=link)
    assert (refusal.value.field, Resource.objects.count()) == ("link", 0)


def test_remove_takes_the_file_along_for_who_shared_it_alone(
    client, mentorship, mentor, aylin, martin, delegate, media, settings, django_capture_on_commit_callbacks
):
    resource = share(mentorship, mentor)
    address = reverse("meetings:remove", args=[resource.uuid])
    for person in (martin, delegate, factories.hr_admin(), factories.person()):
        client.force_login(person)
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404)
    client.force_login(aylin)
    assert "Remove “It”?" in client.get(address).content.decode()
    assert len(kept(settings)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address)["Location"] == reverse("mentorship", args=[mentorship.uuid])
    assert (Resource.objects.count(), kept(settings)) == (0, [])
    assert client.post(address).status_code == 404
