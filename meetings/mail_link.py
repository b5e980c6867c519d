"""The link in the mail “did you meet?”: one person, one meeting at one time, and nothing else.

It carries no session. Whoever holds it can answer that one question, once; docs/decisions/mail-links.md says
why that is enough.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings.models import Confirmation, Meeting

SALT = "meetings.did-you-meet"
GOOD_FOR = timedelta(days=21)  # after the planned end


class DeadLink(DomainError):
    """A link that no longer asks anything, or never did. `title` is the sentence's heading."""

    def __init__(self, title: str, message: str, *, status: int = 410) -> None:
        super().__init__(message)
        self.title = title
        self.status = status


@dataclass(frozen=True)
class Question:
    meeting: Meeting
    member: Member
    answer: Confirmation | None
    """What the member has said already."""


def address(meeting: Meeting, member: Member) -> str:
    return reverse("meetings:by_mail", args=[token(meeting, member)])


def token(meeting: Meeting, member: Member) -> str:
    about = [meeting.pk, member.pk, int(meeting.starts_at.timestamp())]
    return Signer(salt=SALT).sign_object(about)


def proof_of_form(token: str) -> str:
    """Stands in the form and nowhere else: who sends it back has opened the page."""
    return Signer(salt=f"{SALT}.form").signature(token)


def read(token: str, at: datetime) -> Question:
    """What the link asks. Raises DeadLink with a sentence for whoever followed it."""
    meeting, member = named_in(token)
    if meeting.cancelled_at:
        raise DeadLink(_("This meeting was cancelled"), _("There is nothing to answer any more."))
    if int(meeting.starts_at.timestamp()) != Signer(salt=SALT).unsign_object(token)[2]:
        raise DeadLink(
            _("This meeting has another time now"),
            _("The link was about the earlier one. After the new time we ask again."),
        )
    if not meeting.mentorship.is_live:
        raise DeadLink(
            _("This mentorship is over"),
            _("Nothing more is asked of you. What you did together stays yours to read once you sign in."),
        )
    if meeting.ends_at + GOOD_FOR <= at:
        raise DeadLink(
            _("This link has expired"),
            _("It was good for three weeks. Sign in to say whether you met."),
        )
    if meeting.starts_at > at:
        raise DeadLink(_("This meeting has not begun yet"), _("The link works once it is over."))
    answer = next((c for c in meeting.confirmations.all() if c.member_id == member.pk), None)
    return Question(meeting, member, answer)


def named_in(token: str) -> tuple[Meeting, Member]:
    """The meeting and the member, as long as they belong together and the person is here."""
    nowhere = DeadLink(
        _("This link leads nowhere"),
        _("Perhaps it was cut off in the mail. Once you have signed in, your home page asks the same."),
        status=404,
    )
    try:
        meeting_pk, member_pk, _starts_at = Signer(salt=SALT).unsign_object(token)
    except (BadSignature, ValueError):
        raise nowhere from None
    meeting = Meeting.objects.with_people().filter(pk=meeting_pk).first()
    members = meeting.mentorship.members.all() if meeting else []
    member = next((one for one in members if one.pk == member_pk), None)
    if meeting is None or member is None or not member.person.is_active:
        raise nowhere
    if meeting.mentorship.state in (Mentorship.State.PROPOSED, Mentorship.State.DECLINED):
        raise nowhere
    return meeting, member
