"""Another address, or an end of being active, ends every sign-in, pending code and reset link, whoever writes it
and however: they carry the version under which they were made."""

from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION participants_end_sign_ins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.email IS DISTINCT FROM NEW.email OR (OLD.is_active AND NOT NEW.is_active) THEN
        NEW.sign_in_version := OLD.sign_in_version + 1;
    ELSE
        -- Somebody saves a row that they read before the version rose.
        NEW.sign_in_version := OLD.sign_in_version;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER participants_end_sign_ins
    BEFORE UPDATE ON participants_person
    FOR EACH ROW WHEN (
        OLD.email IS DISTINCT FROM NEW.email
        OR (OLD.is_active AND NOT NEW.is_active)
        OR NEW.sign_in_version < OLD.sign_in_version
    )
    EXECUTE FUNCTION participants_end_sign_ins();
"""

BACKWARDS = """
DROP TRIGGER participants_end_sign_ins ON participants_person;
DROP FUNCTION participants_end_sign_ins();
"""


class Migration(migrations.Migration):
    dependencies = [("participants", "0006_uploads_are_opened_by_a_worker")]

    operations = [
        migrations.AddField(
            "person",
            "sign_in_version",
            models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
