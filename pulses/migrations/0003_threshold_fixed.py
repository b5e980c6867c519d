"""The threshold of answers is fixed once the first round of a programme has opened.

Lowered later, it would show what people were told would not be shown; moved up and down it would show which
figures lie between. The database refuses it, whatever writes.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION pulses_keep_threshold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pulses_wave wave JOIN programmes_cohort cohort ON cohort.id = wave.cohort_id
                WHERE cohort.programme_id = NEW.id) THEN
        RAISE EXCEPTION 'the threshold of answers is fixed since the first question round opened'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'programme_smallest_group_fixed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER pulses_keep_threshold
    BEFORE UPDATE OF smallest_group ON programmes_programme
    FOR EACH ROW WHEN (OLD.smallest_group IS DISTINCT FROM NEW.smallest_group)
    EXECUTE FUNCTION pulses_keep_threshold();
"""

BACKWARDS = """
DROP TRIGGER pulses_keep_threshold ON programmes_programme;
DROP FUNCTION pulses_keep_threshold();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pulses", "0002_closing_days_and_keys"),
        ("programmes", "0005_external_contact"),
    ]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
