"""Wash out what PostgreSQL itself remembers of who answered when.

Every row carries the number of the transaction that wrote it, and lies where there was room at the time. As
the mark that a person answered and the answers are written together, somebody with access to the database
could join the two. So the rows of a wave are written anew, all in one transaction and the answers in random
order: whenever one is new among five or more, and once the wave has closed. Waiting for more new ones would
hide nothing, because until then each new one can be read by itself. Back-ups, the server's log of changes and
what it has not vacuumed yet are beyond this.
"""

from datetime import datetime
from random import SystemRandom

from django.db import connection, transaction
from django.db.models import Count, F

from programmes.models.programme import SMALLEST_GROUP
from pulses.actions import is_open
from pulses.models import Answer, InvitationToAnswer, Response, Wave

# A response and the one invitation of its wave that the same transaction wrote, where the wave has others.
FRESH = """
    SELECT wave_id, count(*) FROM (
        SELECT response.wave_id, response.id FROM pulses_response response
        JOIN pulses_invitationtoanswer invitation USING (wave_id)
        GROUP BY response.wave_id, response.id
        HAVING count(*) > 1
           AND count(*) FILTER (WHERE invitation.xmin::text = response.xmin::text) = 1
    ) AS fresh GROUP BY wave_id
"""


def blend_due(at: datetime) -> list[Wave]:
    waves = (
        Wave.objects.filter(pk__in=responses_that_lead_back())
        .select_related("cohort")
        .annotate(answered=Count("responses"))
    )
    due: list[Wave] = [wave for wave in waves if wave.answered >= SMALLEST_GROUP or not is_open(wave, at)]
    for wave in due:
        blend(wave)
    return due


def responses_that_lead_back() -> dict[int, int]:
    """How many there are, by wave."""
    with connection.cursor() as cursor:
        cursor.execute(FRESH)
        return dict(cursor.fetchall())


@transaction.atomic
def blend(wave: Wave) -> None:
    """Whoever answers meanwhile waits on the row of their invitation, which is updated and never deleted."""
    Wave.objects.select_for_update(no_key=True).get(pk=wave.pk)
    InvitationToAnswer.objects.filter(wave=wave).update(is_answered=F("is_answered"))
    responses = list(Response.objects.filter(wave=wave))
    answers = list(Answer.objects.filter(response__wave=wave))
    Response.objects.filter(wave=wave).delete()
    for rows in (responses, answers):
        SystemRandom().shuffle(rows)
    Response.objects.bulk_create(responses)
    Answer.objects.bulk_create(answers)
