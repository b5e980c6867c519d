from django.utils.translation import gettext as _

from domain.errors import DomainError
from matching.models import Mentorship
from meetings.models import Meeting


def lock_going(mentorship: Mentorship) -> Mentorship:
    """Hold the mentorship until the act is done: what its members plan comes one after the other."""
    mentorship = Mentorship.objects.with_members().select_for_update(of=["self"]).get(pk=mentorship.pk)
    if mentorship.state not in (Mentorship.State.CONFIRMED, Mentorship.State.ACTIVE):
        raise DomainError(
            _("This mentorship is “%(state)s”. Once it goes on, you can plan here again.")
            % {"state": mentorship.get_state_display()}
        )
    return mentorship


def lock(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def refuse_if_cancelled(meeting: Meeting) -> None:
    if meeting.cancelled_at:
        raise DomainError(_("This meeting was cancelled. Plan a new one instead."))
