"""Concerns from before get the readers who could read them until now: the confidants of their programme who
are active, neither HR admins nor its coordinators, and of another line than everybody concerned. A confidant
who arranges the meetings of a member could not, either."""

from django.db import migrations

READERS = """
INSERT INTO concerns_reader (concern_id, person_id, since)
SELECT concern.id, confidant.id, concern.raised_at
  FROM concerns_concern concern
  JOIN programmes_programmerole role
    ON role.programme_id = concern.programme_id AND role.role = 'confidant'
  JOIN participants_person confidant ON confidant.id = role.person_id
  JOIN participants_person author ON author.id = concern.raised_by_id
 WHERE confidant.is_active
   AND NOT confidant.is_hr_admin
   AND NOT EXISTS (SELECT FROM programmes_programmerole other
                    WHERE other.programme_id = concern.programme_id
                      AND other.person_id = confidant.id
                      AND other.role = 'coordinator')
   AND confidant.id <> author.id
   AND NOT confidant.id = ANY(author.line)
   AND NOT author.id = ANY(confidant.line)
   AND NOT EXISTS (
           SELECT FROM matching_member member
             JOIN matching_mentorship mentorship ON mentorship.id = member.mentorship_id
             JOIN programmes_enrolment enrolment ON enrolment.id = member.enrolment_id
             JOIN participants_person person ON person.id = enrolment.person_id
            WHERE member.mentorship_id = concern.mentorship_id
              AND NOT (member.left_at IS NOT NULL AND member.accepted_at IS NULL
                       AND mentorship.offered_at IS NOT NULL)
              AND (person.id = confidant.id
                   OR confidant.id = ANY(person.line)
                   OR person.id = ANY(confidant.line)
                   OR EXISTS (SELECT FROM participants_delegation delegation
                               WHERE delegation.person_id = person.id
                                 AND delegation.delegate_id = confidant.id)))
"""

WAITS = """
UPDATE concerns_concern concern
   SET waits_since = CASE
           WHEN state = 'open' THEN raised_at
           WHEN state = 'in_care' THEN (
               SELECT CASE WHEN message.author_id = concern.raised_by_id THEN message.written_at END
                 FROM concerns_concernmessage message
                WHERE message.concern_id = concern.id
                ORDER BY message.written_at DESC, message.id DESC
                LIMIT 1)
       END
"""


class Migration(migrations.Migration):
    dependencies = [
        ("concerns", "0002_readers"),
        ("matching", "0014_group_decisions"),
        ("participants", "0005_erasure"),
        ("programmes", "0005_external_contact"),
    ]

    operations = [
        migrations.RunSQL(READERS, "DELETE FROM concerns_reader"),
        migrations.RunSQL(WAITS, migrations.RunSQL.noop),
    ]
