"""Reporting lines kept right by the database, whoever changes a manager and however.

`line` holds the ids of a person's managers from the top down. A bulk load sets
`SET LOCAL mentoring.bulk = 'on'` and calls `participants_rebuild_lines()` once at its end.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION participants_set_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above bigint[];
BEGIN
    IF current_setting('mentoring.bulk', true) = 'on' THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('participants_lines'));
    IF NEW.manager_id IS NULL THEN
        NEW.line := '{}';
    ELSE
        SELECT line || id INTO above FROM participants_person WHERE id = NEW.manager_id;
        IF NEW.id = ANY(above) THEN
            RAISE EXCEPTION 'person % would be their own manager''s manager', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'person_no_manager_cycle';
        END IF;
        NEW.line := COALESCE(above, '{}');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION participants_move_reports() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('mentoring.bulk', true) = 'on' OR NEW.line = OLD.line THEN
        RETURN NULL;
    END IF;
    UPDATE participants_person
       SET line = NEW.line || line[array_position(line, NEW.id):]
     WHERE line @> ARRAY[NEW.id];
    RETURN NULL;
END $$;

CREATE FUNCTION participants_rebuild_lines() RETURNS void LANGUAGE sql AS $$
    WITH RECURSIVE lines (id, line) AS (
        SELECT id, '{}'::bigint[] FROM participants_person WHERE manager_id IS NULL
        UNION ALL
        SELECT person.id, lines.line || lines.id
          FROM participants_person person JOIN lines ON person.manager_id = lines.id
    )
    UPDATE participants_person person
       SET line = lines.line
      FROM lines
     WHERE lines.id = person.id AND person.line <> lines.line
$$;

CREATE TRIGGER participants_set_line
    BEFORE INSERT OR UPDATE OF manager_id ON participants_person
    FOR EACH ROW EXECUTE FUNCTION participants_set_line();

CREATE TRIGGER participants_move_reports
    AFTER UPDATE OF manager_id ON participants_person
    FOR EACH ROW EXECUTE FUNCTION participants_move_reports();
"""

BACKWARDS = """
DROP TRIGGER participants_move_reports ON participants_person;
DROP TRIGGER participants_set_line ON participants_person;
DROP FUNCTION participants_rebuild_lines();
DROP FUNCTION participants_move_reports();
DROP FUNCTION participants_set_line();
"""


class Migration(migrations.Migration):
    dependencies = [("participants", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
