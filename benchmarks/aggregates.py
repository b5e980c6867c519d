"""The figures of a dashboard as plain SQL over the tables that people write, and nothing else.

Written by hand to be quick: what became of each meeting is told once, in one statement, and all that hangs on
it is summed from there. By statement, and by cohort where the dashboard shows cohorts side by side:

- `STANDING`: how far people came, by role, and by unit, grade and site; each person once over all cohorts;
  offers; meetings by outcome, by month, and how late they were cancelled; health; days to the first meeting.
  With `in_months`, also the meetings of some months.
- `GOALS`: by state, levels and T-scores by role, attained by month. `PULSES`: asked, answered, means.
  `LOOKING_BACK`: asked, and answers. `CONCERNS`: since when one waits.
- `CHOICES`: how many people of each unit, grade and site take part in the programme, of which a reader
  chooses. `MAKE_UP`: how many the company has of each.

A view of a part has its condition inside. No figure is protected here, no text made. That the word of who
left a group counts less is left out: nobody does in `benchmarks.population`.
"""

from datetime import date, datetime
from typing import Any

Statement = tuple[str, dict[str, Any]]


def statements(
    cohorts: list[int],
    programmes: list[int],
    at: datetime,
    *,
    role: str = "",
    units: list[int] | None = None,
    months: tuple[date, date] | None = None,
) -> list[Statement]:
    """What a view of these cohorts needs: but for CHOICES and MAKE_UP, which take the same parameters. Pulses
    and looks back lead back to nobody, so there are none of units. `months` end before the second day."""
    first, until = months or (None, None)
    parameters = {
        "cohorts": cohorts,
        "programmes": programmes,
        "at": at,
        "today": at.date(),
        "role": role,
        "units": units,
        "first": first,
        "until": until,
    }
    texts = [STANDING, GOALS, CONCERNS] if units else [STANDING, GOALS, PULSES, LOOKING_BACK, CONCERNS]
    parts = {"with_member": WITH_MEMBER if units else "", "in_months": IN_MONTHS if months else ""}
    return [(text.format(**parts), parameters) for text in texts]


WITH_MEMBER = """
       AND EXISTS (
           SELECT FROM matching_member member
             JOIN programmes_enrolment enrolment ON enrolment.id = member.enrolment_id
             JOIN participants_person person ON person.id = enrolment.person_id
            WHERE member.mentorship_id = mentorship.id AND person.unit_id = ANY(%(units)s))"""
IN_MONTHS = """
 UNION ALL
SELECT 'in months', NULL, outcome, NULL, count(*), count(DISTINCT mentorship_id), NULL
  FROM told WHERE starts_at >= %(first)s AND starts_at < %(until)s GROUP BY outcome
 UNION ALL
SELECT 'late in months', NULL, lateness, NULL, count(*), count(DISTINCT mentorship_id), NULL
  FROM told
 WHERE cancelled_at IS NOT NULL AND starts_at >= %(first)s AND starts_at < %(until)s
 GROUP BY lateness"""
STANDING = """
WITH mine AS MATERIALIZED (
    SELECT id, cohort_id, state, confirmed_at, activated_at
      FROM matching_mentorship mentorship
     WHERE cohort_id = ANY(%(cohorts)s)
       AND state IN ('confirmed', 'active', 'paused', 'completed', 'ended') {with_member}
), told AS MATERIALIZED (
    SELECT meeting.id, meeting.mentorship_id, mine.cohort_id, mine.state,
           meeting.starts_at, meeting.ends_at, meeting.cancelled_at,
           CASE WHEN meeting.cancelled_at IS NOT NULL THEN COALESCE('by_' || canceller.role, 'cancelled')
                WHEN bool_or(said.answer = 'yes') AND bool_or(said.answer <> 'yes') THEN 'disputed'
                WHEN bool_or(said.answer = 'yes') THEN 'held'
                WHEN bool_or(said.answer <> 'yes') THEN 'missed'
                WHEN meeting.ends_at <= %(at)s THEN 'due'
                ELSE 'planned' END AS outcome,
           CASE WHEN meeting.cancelled_at <= meeting.starts_at - interval '7 days' THEN 'week'
                WHEN meeting.cancelled_at <= meeting.starts_at - interval '1 day' THEN 'days'
                ELSE 'day' END AS lateness
      FROM mine
      JOIN meetings_meeting meeting ON meeting.mentorship_id = mine.id
      LEFT JOIN meetings_confirmation said ON said.meeting_id = meeting.id
      LEFT JOIN matching_member canceller ON canceller.id = meeting.cancelled_by_id
     GROUP BY meeting.id, mine.cohort_id, mine.state, canceller.role
), tally AS MATERIALIZED (
    SELECT mentorship_id,
           count(*) FILTER (WHERE outcome = 'held') AS held,
           min(starts_at) FILTER (WHERE outcome = 'held') AS first,
           max(ends_at) FILTER (WHERE outcome = 'held') AS last,
           bool_or(outcome = 'planned') AS is_ahead
      FROM told GROUP BY mentorship_id
), one AS MATERIALIZED (
    SELECT mine.*, COALESCE(held, 0) AS held, first, last, COALESCE(is_ahead, FALSE) AS is_ahead
      FROM mine LEFT JOIN tally ON tally.mentorship_id = mine.id
), people AS MATERIALIZED (
    SELECT enrolment.cohort_id, enrolment.role, person.id AS person_id, person.unit_id, person.grade_id,
           person.site_id,
           GREATEST(
               CASE enrolment.state WHEN 'accepted' THEN 2 ELSE 1 END,
               max(CASE WHEN one.id IS NULL THEN 0
                        WHEN one.activated_at IS NULL THEN 3
                        WHEN one.held = 0 THEN 4
                        WHEN 2 * one.held < cohort.meetings_planned THEN 5
                        WHEN one.state <> 'completed' THEN 6
                        ELSE 7 END)
           ) AS step,
           bool_or(mentorship.offered_at IS NOT NULL) AS has_offer,
           bool_or(mentorship.offered_at IS NOT NULL AND member.accepted_at IS NOT NULL) AS has_taken,
           max(one.confirmed_at) > min(one.confirmed_at) FILTER (WHERE one.state = 'ended') AS is_again
      FROM programmes_enrolment enrolment
      JOIN programmes_cohort cohort ON cohort.id = enrolment.cohort_id
      JOIN participants_person person ON person.id = enrolment.person_id
      LEFT JOIN matching_member member ON member.enrolment_id = enrolment.id
      LEFT JOIN matching_mentorship mentorship ON mentorship.id = member.mentorship_id
      LEFT JOIN one ON one.id = member.mentorship_id
     WHERE enrolment.cohort_id = ANY(%(cohorts)s) AND enrolment.state <> 'draft'
       AND (%(role)s = '' OR enrolment.role = %(role)s)
       AND (%(units)s::bigint[] IS NULL OR person.unit_id = ANY(%(units)s))
     GROUP BY enrolment.id, person.id
     UNION ALL
    SELECT invitation.cohort_id, invitation.role, person.id, person.unit_id, person.grade_id, person.site_id,
           0, FALSE, FALSE, FALSE
      FROM programmes_invitation invitation
      JOIN participants_person person ON person.id = invitation.person_id
     WHERE invitation.cohort_id = ANY(%(cohorts)s) AND invitation.told_at IS NOT NULL
       AND (%(role)s = '' OR invitation.role = %(role)s)
       AND (%(units)s::bigint[] IS NULL OR person.unit_id = ANY(%(units)s))
       AND NOT EXISTS (
           SELECT FROM programmes_enrolment enrolment
            WHERE enrolment.cohort_id = invitation.cohort_id AND enrolment.person_id = invitation.person_id
              AND enrolment.state <> 'draft')
)
SELECT 'course', cohort_id, role, step::text, count(*), NULL::bigint, NULL::float
  FROM people GROUP BY cohort_id, role, step
 UNION ALL
SELECT 'persons', NULL, NULL, step::text, count(*), NULL, NULL
  FROM (SELECT max(step) AS step FROM people GROUP BY person_id) person GROUP BY step
 UNION ALL
SELECT 'parts', NULL,
       CASE WHEN grouping(unit_id) = 0 THEN 'unit' WHEN grouping(grade_id) = 0 THEN 'grade' ELSE 'site' END,
       COALESCE(unit_id, grade_id, site_id)::text, count(DISTINCT person_id), NULL, NULL
  FROM people WHERE step >= 2 GROUP BY GROUPING SETS ((unit_id), (grade_id), (site_id))
 UNION ALL
SELECT 'offers', cohort_id, role, NULL, count(*) FILTER (WHERE has_offer), count(*) FILTER (WHERE has_taken),
       count(*) FILTER (WHERE is_again)
  FROM people WHERE step > 0 GROUP BY cohort_id, role
 UNION ALL
SELECT 'meetings', cohort_id, outcome, NULL, count(*), count(DISTINCT mentorship_id),
       count(*) FILTER (WHERE outcome = 'held' AND state IN ('confirmed', 'active', 'completed'))
  FROM told GROUP BY cohort_id, outcome
 UNION ALL
SELECT 'months', cohort_id, date_trunc('month', starts_at)::text AS month, NULL, count(*),
       count(DISTINCT mentorship_id), NULL
  FROM told WHERE outcome = 'held' GROUP BY cohort_id, month
 UNION ALL
SELECT 'lateness', cohort_id, lateness, NULL, count(*), count(DISTINCT mentorship_id), NULL
  FROM told WHERE cancelled_at IS NOT NULL GROUP BY cohort_id, lateness
 UNION ALL
SELECT 'health', cohort_id, state,
       CASE WHEN state IN ('completed', 'ended', 'paused') THEN state
            WHEN is_ahead OR GREATEST(last, confirmed_at) >= %(at)s - interval '42 days' THEN 'on_track'
            WHEN last IS NULL THEN 'stalled' ELSE 'quiet' END AS health,
       count(*), NULL, NULL
  FROM one GROUP BY cohort_id, state, health
 UNION ALL
SELECT 'waits', cohort_id, NULL, NULL, count(*), NULL,
       sum(GREATEST(extract(epoch FROM first - confirmed_at), 0)) / 86400
  FROM one WHERE first IS NOT NULL GROUP BY cohort_id {in_months}
"""
GOALS = """
WITH last AS MATERIALIZED (
    SELECT goal.id, mentorship.cohort_id, goal.mentorship_id, goal.state, goal.weight, goal.closed_at,
           reported.role, reported.level
      FROM matching_mentorship mentorship
      JOIN goals_goal goal ON goal.mentorship_id = mentorship.id
      LEFT JOIN (
          SELECT DISTINCT ON (goal_id, role) goal_id, role, level
            FROM (
                SELECT report.goal_id, member.role, report.due_on, avg(report.level) AS level
                  FROM goals_checkin report
                  JOIN matching_member member ON member.id = report.member_id
                  JOIN matching_mentorship mentorship ON mentorship.id = member.mentorship_id
                 WHERE mentorship.cohort_id = ANY(%(cohorts)s)
                 GROUP BY report.goal_id, member.role, report.due_on) day
           ORDER BY goal_id, role, due_on DESC) reported
        ON reported.goal_id = goal.id AND (%(role)s = '' OR reported.role = %(role)s)
     WHERE mentorship.cohort_id = ANY(%(cohorts)s)
       AND mentorship.state IN ('confirmed', 'active', 'paused', 'completed', 'ended') {with_member}
)
SELECT 'states', cohort_id, state, NULL, count(DISTINCT id), count(DISTINCT mentorship_id), NULL::float
  FROM last GROUP BY cohort_id, state
 UNION ALL
SELECT 'attained', cohort_id, date_trunc('month', closed_at)::text AS month, NULL, count(DISTINCT id),
       count(DISTINCT mentorship_id), NULL
  FROM last WHERE state = 'attained' GROUP BY cohort_id, month
 UNION ALL
SELECT 'levels', cohort_id, role, floor(level + 0.5)::text, count(*), count(DISTINCT mentorship_id), NULL
  FROM last WHERE state <> 'dropped' AND level IS NOT NULL GROUP BY cohort_id, role, floor(level + 0.5)
 UNION ALL
SELECT 'attainment', cohort_id, role, NULL, count(*), NULL, avg(score)
  FROM (
      SELECT cohort_id, role, mentorship_id,
             50 + 10 * sum(weight * level) / sqrt(0.7 * sum(weight * weight) + 0.3 * sum(weight) ^ 2) AS score
        FROM last WHERE state <> 'dropped' AND level IS NOT NULL
       GROUP BY cohort_id, role, mentorship_id) scored
 GROUP BY cohort_id, role
"""
PULSES = """
WITH closed AS MATERIALIZED (
    SELECT id, cohort_id, kind FROM pulses_wave
     WHERE cohort_id = ANY(%(cohorts)s) AND kind IN ('start', 'middle', 'end') AND closes_on < %(today)s
)
SELECT 'asked', closed.cohort_id, closed.kind, enrolment.role, NULL, count(*), NULL::bigint, NULL::bigint
  FROM closed
  JOIN pulses_invitationtoanswer asked ON asked.wave_id = closed.id
  JOIN programmes_enrolment enrolment ON enrolment.id = asked.enrolment_id
 GROUP BY closed.cohort_id, closed.kind, enrolment.role
 UNION ALL
SELECT 'answered', closed.cohort_id, closed.kind, response.role, NULL, count(*), NULL, NULL
  FROM closed JOIN pulses_response response ON response.wave_id = closed.id
 GROUP BY closed.cohort_id, closed.kind, response.role
 UNION ALL
SELECT 'means', closed.cohort_id, closed.kind, response.role,
       CASE WHEN answer.question LIKE 'safety-%%' THEN 'safety' ELSE answer.question END AS about,
       count(DISTINCT response.id), count(*), sum(answer.value)
  FROM closed
  JOIN pulses_response response ON response.wave_id = closed.id
  JOIN pulses_answer answer ON answer.response_id = response.id
 GROUP BY closed.cohort_id, closed.kind, response.role, about
"""
LOOKING_BACK = """
SELECT 'asked', enrolment.cohort_id, enrolment.role, NULL, count(*)
  FROM programmes_enrolment enrolment JOIN endings_lookback asked ON asked.enrolment_id = enrolment.id
 WHERE enrolment.cohort_id = ANY(%(cohorts)s) GROUP BY enrolment.cohort_id, enrolment.role
 UNION ALL
SELECT 'answers', cohort_id, role, answer, count(*)
  FROM endings_again WHERE cohort_id = ANY(%(cohorts)s) GROUP BY cohort_id, role, answer
"""
CHOICES = """
SELECT person.unit_id, person.grade_id, person.site_id, count(DISTINCT person.id)
  FROM programmes_cohort cohort
  JOIN programmes_enrolment enrolment ON enrolment.cohort_id = cohort.id AND enrolment.state = 'accepted'
  JOIN participants_person person ON person.id = enrolment.person_id
 WHERE cohort.programme_id = ANY(%(programmes)s)
 GROUP BY GROUPING SETS ((person.unit_id), (person.grade_id), (person.site_id))
"""
MAKE_UP = """
SELECT unit_id, grade_id, site_id, count(*)
  FROM participants_person person
 WHERE is_active AND (%(units)s::bigint[] IS NULL OR person.unit_id = ANY(%(units)s))
 GROUP BY GROUPING SETS ((unit_id), (grade_id), (site_id))
"""
CONCERNS = """
SELECT programme_id, min(waits_since)
  FROM concerns_concern WHERE programme_id = ANY(%(programmes)s) GROUP BY programme_id
"""
