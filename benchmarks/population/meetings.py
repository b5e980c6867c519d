"""Meetings, and what is said of them."""

import numpy as np

from benchmarks.population.company import WORDS, Company
from benchmarks.population.rows import load, where
from meetings.models import Confirmation, Meeting, MeetingChange, MeetingLog

OUTCOMES = {
    "held": 0.76,
    "missed": 0.06,
    "disputed": 0.01,
    "by mentor": 0.04,
    "by mentee": 0.06,
    "cancelled": 0.01,
    "due": 0.06,
}


def meet(company: Company, count: int) -> None:
    """So many more meetings, dealt to the mentorships that meet in turn and spread over the course of each,
    with what its members said, who cancelled how late, and some logs."""
    rng, had = company.rng, company.meetings
    of = company.meeting[(had + rng.permutation(count)) % len(company.meeting)]
    length = (company.end - company.begin)[of]
    quarter = np.timedelta64(900, "s")
    start = company.begin[of] + (length * rng.random(count)) // quarter * quarter
    order = np.argsort(start, kind="stable")
    of, start = of[order], start[order]
    end = start + np.timedelta64(3600, "s")
    now = np.datetime64(company.at.replace(tzinfo=None), "s")
    outcome = rng.choice(list(OUTCOMES), count, p=list(OUTCOMES.values()))
    ahead = end > now
    outcome[ahead] = rng.choice(["planned", "by mentee"], int(ahead.sum()), p=[0.95, 0.05])
    sides = np.select([outcome == "by mentor", outcome == "by mentee"], [0, 1], -1)
    is_cancelled = (sides >= 0) | (outcome == "cancelled")
    planned = start - np.timedelta64(21, "D")
    late = (rng.exponential(4, count) * 86400).astype("timedelta64[s]")
    cancelled_at = np.minimum(np.maximum(start - late, planned), now)
    ids = np.arange(had + 1, had + count + 1)
    load(
        rng,
        company.at,
        Meeting,
        count,
        id=ids,
        mentorship_id=of + 1,
        starts_at=start,
        ends_at=end,
        link="https://video.example.org/room",
        planned_at=planned,
        cancelled_at=where(is_cancelled, cancelled_at),
        cancelled_by_id=where(sides >= 0, 2 * of + 1 + sides),
    )
    said = {0: np.repeat("", count).astype("U3"), 1: np.repeat("", count).astype("U3")}
    first = rng.integers(0, 2, count)
    both = rng.random(count) < 0.6
    for side, words in said.items():
        answers = (first == side) | both
        words[(outcome == "held") & answers] = "yes"
        words[(outcome == "missed") & answers] = "no"
        words[outcome == "disputed"] = ("yes", "no")[side]
    rows = [np.flatnonzero(words != "") for words in said.values()]
    meeting = np.concatenate(rows)
    side = np.repeat([0, 1], [len(found) for found in rows])
    answer = np.concatenate([words[found] for words, found in zip(said.values(), rows, strict=True)])
    order = np.argsort(meeting, kind="stable")
    meeting, side, answer = meeting[order], side[order], answer[order]
    load(
        rng,
        company.at,
        Confirmation,
        len(meeting),
        id=np.arange(company.confirmations + 1, company.confirmations + len(meeting) + 1),
        meeting_id=ids[meeting],
        member_id=2 * of[meeting] + 1 + side,
        answer=answer,
        answered_at=end[meeting] + np.timedelta64(1, "D"),
    )
    logged = np.flatnonzero((outcome == "held") & (rng.random(count) < 0.3))
    load(
        rng,
        company.at,
        MeetingLog,
        len(logged),
        id=np.arange(company.logs + 1, company.logs + len(logged) + 1),
        meeting_id=ids[logged],
        member_id=2 * of[logged] + 1 + first[logged],
        topics=WORDS,
        progress=WORDS,
        created_at=end[logged],
        updated_at=end[logged],
    )
    load(
        rng,
        company.at,
        MeetingChange,
        count,
        id=ids,
        meeting_id=ids,
        kind="planned",
        at=planned,
        on_behalf_of_id=2 * of + 1 + first,
        starts_at=start,
    )
    company.meetings += count
    company.confirmations += len(meeting)
    company.logs += len(logged)
