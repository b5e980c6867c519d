"""When the waves of a cohort open. Windows, so that a day without a worker delays a wave and loses none."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from programmes.models import Cohort
from pulses.actions import open_wave
from pulses.models import Wave

AROUND_THE_MIDDLE = timedelta(days=28)
AFTER_THE_END = timedelta(days=14)


def wanted(cohort: Cohort, today: date) -> Iterator[str]:
    """The kinds of wave whose window `today` lies in.

    Before the first meeting: from the moment the cohort runs until its middle. At the middle: four weeks from
    it. At the end: two weeks before and after it, for a cohort that was closed on time as well.
    """
    days = cohort.pulse_days()
    middle, closing = days["middle"], days["end"]
    is_running = cohort.state == Cohort.State.RUNNING
    if is_running and today < middle:
        yield Wave.Kind.START
    if is_running and middle <= today < min(middle + AROUND_THE_MIDDLE, closing):
        yield Wave.Kind.MIDDLE
    if closing <= today <= cohort.ends_on + AFTER_THE_END:
        yield Wave.Kind.END


def open_due(at: datetime) -> list[Wave]:
    """Open what is due, and ask whoever has been matched since in what is open."""
    cohorts = Cohort.objects.filter(state__in=[Cohort.State.RUNNING, Cohort.State.CLOSED])
    return [
        open_wave(cohort=cohort, kind=kind, at=at)
        for cohort in cohorts
        for kind in wanted(cohort, cohort.today(at))
    ]
