"""The course of a cohort as dates: what is asked of people when, before anybody is asked."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from programmes.models import Cohort


@dataclass(frozen=True)
class Moment:
    day: date
    title: str
    text: str = ""


def course(cohort: Cohort) -> list[Moment]:
    """Every dated moment of the cohort, the earliest first; also of one that is not saved yet."""
    pulses = cohort.pulse_days()
    moments = [
        Moment(cohort.enrolment_opens_on, _("Enrolment opens"), _("Those on the list are told.")),
        Moment(
            cohort.enrolment_closes_on,
            _("Last day to enrol"),
            _("After it you match, look at the proposals and confirm them."),
        ),
        Moment(
            cohort.starts_on,
            _("The course begins"),
            _("First contact within 48 hours, then a first meeting about goals and ground rules."),
        ),
        Moment(pulses["start"], _("First pulse"), _("The start that everything is measured against.")),
        Moment(pulses["middle"], _("Pulse at the middle")),
        Moment(pulses["end"], _("Last pulse"), _("Measured against the first one.")),
        *(
            Moment(day, _("Check-in"), _("Each member is asked how the goals stand."))
            for day in cohort.check_in_dates()
            if day <= cohort.ends_on
        ),
        *(
            Moment(
                day,
                _("Meeting %(number)d of %(count)d took place by now")
                % {"number": number, "count": cohort.meetings_planned},
            )
            for number, day in enumerate(cohort.meeting_days(), start=1)
        ),
        Moment(cohort.ends_on, _("The course ends"), _("You close the cohort; its figures stay.")),
    ]
    return sorted(moments, key=lambda moment: moment.day)
