from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from feedback.models import SHOWN_AFTER, Feedback
from matching.models import Member, Mentorship
from notices.outbox import Message, post


@transaction.atomic
def give(
    *,
    mentorship: Mentorship,
    author: Member,
    recipient: Member,
    helped: str,
    to_try: str = "",
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> Feedback:
    """Write to another member. Sent twice with one `request_key` it is stored once.

    Where both have written, each is told of what they can now read; otherwise the sweep tells after a week.
    """
    at = at or timezone.now()
    if author.mentorship_id != mentorship.pk or recipient.mentorship_id != mentorship.pk:
        raise DomainError(_("Feedback goes from one member of a mentorship to another."), field="recipient")
    if author.pk == recipient.pk:
        raise DomainError(_("Choose somebody else in your mentorship."), field="recipient")
    # Two members writing at the same moment must each see the other's row, or neither would be told.
    locked = Mentorship.objects.select_for_update().get(pk=mentorship.pk)
    if sent := Feedback.objects.filter(request_key=request_key).first() if request_key else None:
        return sent
    locked.refuse_while_paused()
    written, created = Feedback.objects.get_or_create(
        request_key=request_key or uuid4(),
        defaults={
            "mentorship": mentorship,
            "author": author,
            "recipient": recipient,
            "helped": helped.strip(),
            "to_try": to_try.strip(),
            "written_at": at,
        },
    )
    if created:
        between = Q(author=author, recipient=recipient) | Q(author=recipient, recipient=author)
        since = Feedback.objects.shown(at).filter(between, written_at__gt=at - SHOWN_AFTER)
        if since.filter(pk=written.pk).exists():
            for shown in since.select_related("mentorship", "author__enrolment__person"):
                post(**vars(message(shown)), at=at)
    return written


@transaction.atomic
def edit(
    *, feedback: Feedback, author: Member, helped: str, to_try: str = "", at: datetime | None = None
) -> Feedback:
    """Word it anew, as long as the other has not been shown it. The week until then runs on."""
    at = at or timezone.now()
    # The lock of `give`: what the other writes at this moment would show it.
    Mentorship.objects.select_for_update().get(pk=feedback.mentorship_id)
    if feedback.author_id != author.pk:
        raise DomainError(_("Only whoever wrote this can change it."))
    if Feedback.objects.shown(at).filter(pk=feedback.pk).exists():
        raise DomainError(_("This can be read already, so it stays as it is. You can write something new."))
    feedback.helped, feedback.to_try, feedback.edited_at = helped.strip(), to_try.strip(), at
    feedback.save(update_fields=["helped", "to_try", "edited_at"])
    return feedback


def message(written: Feedback) -> Message:
    """Says that something can be read now: once, however it became readable."""
    return Message(
        "feedback-given",
        to=written.recipient.person,
        key=f"feedback-given:{written.pk}",
        context={"author": written.author.person},
        url=reverse("feedback:give", args=[written.mentorship.uuid]) + "#received",
    )
