from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Member, Mentorship
from meetings import files
from meetings.actions.base import lock_going
from meetings.models import Meeting, Resource


@transaction.atomic
def share(
    *,
    mentorship: Mentorship,
    member: Member,
    title: str,
    link: str = "",
    file: UploadedFile | None = None,
    meeting: Meeting | None = None,
    request_key: UUID | None = None,
    at: datetime | None = None,
) -> Resource:
    """Share a link or a file with the other members, once per `request_key`."""
    at = at or timezone.now()
    mentorship = lock_going(mentorship)
    request_key = request_key or uuid4()
    if shared := mentorship.resources.filter(uuid=request_key).first():
        return shared
    if bool(link) == bool(file):
        raise DomainError(_("Share either a link or a file."), field="link")
    if link and not link.lower().startswith(("https://", "http://")):
        raise DomainError(_("A link begins with https:// or http://."), field="link")
    if file:
        files.check(file)
        kept = mentorship.resources.aggregate(sum=Sum("size"))["sum"] or 0
        if kept + (file.size or 0) > files.ROOM:
            raise DomainError(
                _(
                    "Together your files would take more than 100 MB. Remove one that you no longer need, or "
                    "share a link."
                ),
                field="file",
            )
    return Resource.objects.create(
        uuid=request_key,
        mentorship=mentorship,
        meeting=meeting,
        member=member,
        title=title,
        link=link,
        file=file or "",
        file_name=files.safe_name(file.name or "") if file else "",
        size=(file.size or 0) if file else 0,
        shared_at=at,
    )


@transaction.atomic
def remove(*, resource: Resource, member: Member) -> None:
    """Take back what the member shared; its file goes for good. Twice is once."""
    if resource.member_id != member.pk:
        raise DomainError(_("Whoever shared it can remove it."))
    if Resource.objects.filter(pk=resource.pk).delete()[0] and resource.file.name:
        transaction.on_commit(partial(resource.file.storage.delete, resource.file.name))
