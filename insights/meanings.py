"""What each figure means and how it is made: said on the pages, one click away, and in docs/figures.md."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DOCUMENT: Path = settings.BASE_DIR / "docs" / "figures.md"


@dataclass(frozen=True, slots=True)
class Meaning:
    title: str | Promise
    meaning: str | Promise
    how: str | Promise


MEANINGS = {
    "counts": Meaning(
        _("Why figures say “35+”"),
        _(
            "Nobody shall be recognised. So a count is a lower bound: “35+” says that there are 35 or more. "
            "Where few are behind a figure, or nobody, it is not shown, because “nobody” says something of "
            "everybody."
        ),
        _(
            "From the true number a few are held back, by a coin: one for each time it falls on heads in a "
            "row. What is left is rounded down to a multiple of the smallest group that is shown. The coin "
            "is thrown once for each figure of each view, so looking again tells no more, and subtracting a "
            "part from the whole tells nothing of the rest. Small differences between figures may be the "
            "coin’s."
        ),
    ),
    "objectives": Meaning(
        _("Against the goals set at the start"),
        _(
            "The programme said before it began what it wants to change and how it will know. “Start” is the "
            "baseline given then, or the pulse before the first meeting; “Today” is the newest pulse that "
            "has closed, the goals attained, or the meetings held."
        ),
        _(
            "A pulse is compared with the start of the same cohorts and roles: a cohort that has only begun "
            "would move the start without having a today. An objective is reached when today is at its "
            "target or beyond."
        ),
    ),
    "course": Meaning(
        _("The course"),
        _("People who have come to this step or further, and how many of the step before that is."),
        _(
            "Each step counts only who has taken all the steps before it: a first meeting counts once the "
            "agreement is signed. Invited are those who were told or enrolled by themselves; half means half "
            "of the cohort’s meetings. Everybody is counted once, as far as they came in any of the cohorts "
            "shown. Shares of the step before are reckoned from what is shown and rounded to fives."
        ),
    ),
    "match_rate": Meaning(
        _("Match rate"),
        _("How many of those accepted came into a mentorship."),
        _("People matched ÷ people accepted, rounded to fives. A match is a mentorship that was confirmed."),
    ),
    "acceptance": Meaning(
        _("Offers accepted"),
        _("How many of the people to whom a mentorship was offered said yes to one."),
        _(
            "People who accepted an offer ÷ people who had one, each counted once however many offers, "
            "rounded to fives. Mentorships that began without an offer do not count."
        ),
    ),
    "wait": Meaning(
        _("Days to the first meeting"),
        _("How long it takes from knowing each other to meeting."),
        _(
            "The mean over the mentorships that have met, from the day the mentorship was confirmed to the "
            "first meeting held, in whole days."
        ),
    ),
    "again": Meaning(
        _("Matched again"),
        _("People who found somebody new after a mentorship of theirs had ended early."),
        _(
            "A second mentorship of the same enrolment was confirmed after the one that ended. Nobody’s "
            "fault."
        ),
    ),
    "delivery": Meaning(
        _("Meetings held of those planned to date"),
        _("Whether mentorships really meet, in the rhythm that was planned."),
        _(
            "Meetings held ÷ meetings planned to date, rounded to fives, over all mentorships that are "
            "neither paused nor ended, from what is shown of both. Planned to date "
            "is the rhythm of the cohort: so many meetings by now for each of them, also for one that began "
            "late. A meeting is held when somebody who was there said so and nobody denied it; a past date "
            "alone never counts."
        ),
    ),
    "meetings": Meaning(
        _("What became of the meetings"),
        _("Every meeting that was put on a calendar, held, missed, cancelled or still ahead."),
        _(
            "Held: a member said so and none denied it. To confirm: its time is over and nobody has said "
            "anything. To settle: the answers differ. Did not take place: only noes. Cancelled: by the side "
            "that did it. Meetings of fewer mentorships than the threshold are not shown, however many."
        ),
    ),
    "months": Meaning(
        _("Meetings held, month by month"),
        _("Whether mentorships go on meeting."),
        _(
            "Meetings held that began in the month, in the last twelve months or those of the period chosen. "
            "A month in which few mentorships met is not shown. Meetings confirmed later count in the month "
            "in which they were."
        ),
    ),
    "lateness": Meaning(
        _("How late meetings were cancelled"),
        _("A meeting called off a week before can be moved; one on the same day is lost time for the other."),
        _("The time from the cancellation to the planned start. Meetings moved are not cancelled."),
    ),
    "attainment": Meaning(
        _("Attainment (50 is as expected)"),
        _(
            "Each mentorship’s goals put together into one number. 50 says that everything stands as "
            "expected; with a single goal ten points are one level."
        ),
        _(
            "The T-score of Kiresuk and Sherman (1968) with ρ = 0.30: T = 50 + 10 · Σwx ÷ √(0.7 · Σw² + 0.3 "
            "· (Σw)²), where x is the level of a goal at the role’s last check-in, from −2 to +2, and w its "
            "weight. What stands here is the mean over the mentorships, rounded. By hand: one goal one level "
            "up is 50 + 10 · 1 ÷ 1 = 60; three goals of one weight at 1, 0 and 2 are 50 + 30 ÷ √4.8 = 63.7."
        ),
    ),
    "levels": Meaning(
        _("Where the goals stand"),
        _(
            "The level of each goal, on the five levels its mentorship described before, as each role sees "
            "it."
        ),
        _(
            "The level the role reported at its last check-in; the mean where several did on that day. "
            "Dropped goals are left out."
        ),
    ),
    "goals": Meaning(
        _("Open and closed goals"),
        _("A goal is attained or dropped when its mentorship says so."),
        _(
            "All goals of mentorships that were confirmed. The objective “goals attained” is attained ÷ "
            "(attained + open), rounded to fives; over time it is how many of the goals there are today had "
            "been attained by then."
        ),
    ),
    "health": Meaning(
        _("How the mentorships are"),
        _(
            "On track: met within the last six weeks, or has a meeting planned, or was confirmed within six "
            "weeks. Quiet: has met, but not for six weeks, with nothing planned. Never got going: confirmed "
            "over six weeks ago, never met, nothing planned. Ending early needs no reason and is nobody’s "
            "fault."
        ),
        _("Every mentorship that was confirmed stands in exactly one line. Only meetings held count as met."),
    ),
    "pulses": Meaning(
        _("The five K’s and feeling safe"),
        _(
            "The mean of the answers from 1, not at all, to 5, fully: to one statement on each of the five "
            "K’s, and to three on feeling safe. Answers carry no name and are shown once a pulse has closed."
        ),
        _(
            "The mean over the answers of a role. Means of 1.2 and less, or 4.8 and more, are not told more "
            "exactly, because everybody might have answered the same. The short rounds after every second "
            "meeting are shown in no figure: they are there to offer help."
        ),
    ),
    "responses": Meaning(
        _("Who answered"),
        _("How many were asked in a round, and how many answered. Few answers say little."),
        _("Answers ÷ people asked, from what is shown of both, rounded to fives."),
    ),
    "look_back": Meaning(
        _("Would do it again"),
        _("What people say four weeks after their last mentorship of a cohort was over."),
        _(
            "“Yes, in the same role” and “yes, in the other role” ÷ all answers of a cohort and role, "
            "from what is shown of both, rounded to fives; several cohorts and roles by how many answered."
        ),
    ),
    "concerns": Meaning(
        _("Concerns"),
        _(
            "For how long somebody who confided in a confidant has waited for an answer. How many concerns "
            "there are, what they are about and who raised them is known to their readers alone."
        ),
        _(
            "The longest wait of the whole programme, in whole weeks. Under a week it cannot be told from "
            "there being none, and after a year it is no longer told. Nothing that staff can do changes it."
        ),
    ),
    "reach": Meaning(
        _("Who takes part, and who does not"),
        _(
            "Which parts of the company take part, beside how large they are in the company. A part of which "
            "few take part is not told from one of which nobody does."
        ),
        _(
            "People accepted, among those the view is about; units with everything below them. Their share "
            "is of all people accepted, from what is shown of both, in fives; the company’s share is of all "
            "active people, in whole percent."
        ),
    ),
    "comparison": Meaning(
        _("Side by side"),
        _("The same figures for each cohort or programme. Later cohorts have had less time."),
        _("Each column is what its own page shows. Nothing is counted anew."),
    ),
}


def document() -> str:
    with translation.override("en"):
        parts = [
            f"## {one.title}\n\n{one.meaning}\n\n*How it is computed.* {one.how}\n"
            for one in MEANINGS.values()
        ]
    return "\n".join(
        [
            "# What the figures of the insights mean\n",
            "Written by `manage.py write_figures` from `insights/meanings.py`; a test holds the two "
            "together. The same words stand\nunder each figure on the page. Why counts are lower bounds: "
            "[decisions/small-groups.md](decisions/small-groups.md).\n",
            *parts,
        ]
    )
