from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def close_with_their_wave(apps, schema_editor):
    wave = apps.get_model("pulses", "Wave")
    closes_on = wave.objects.filter(pk=OuterRef("wave")).values("closes_on")
    apps.get_model("pulses", "InvitationToAnswer").objects.update(closes_on=Subquery(closes_on))


def rename(apps, old, new):
    """Answers to a programme's own questions, from one way of naming them to the other."""
    answers = apps.get_model("pulses", "Answer").objects
    for question in apps.get_model("pulses", "OwnQuestion").objects.all():
        answers.filter(
            question=old(question), response__wave__cohort__programme=question.programme_id
        ).update(question=new(question))


def by_position(question):
    return f"own-{question.position}"


def by_key(question):
    return f"own-{question.pk}"


def by_key_in_between(question):
    return f"own+{question.pk}"


def by_position_in_between(question):
    return f"own+{question.position}"


def name_by_key(apps, schema_editor):
    # In two steps, because the position of one may be the key of another.
    rename(apps, by_position, by_key_in_between)
    rename(apps, by_key_in_between, by_key)


def name_by_position(apps, schema_editor):
    rename(apps, by_key, by_position_in_between)
    rename(apps, by_position_in_between, by_position)


class Migration(migrations.Migration):
    dependencies = [("pulses", "0001_initial")]

    operations = [
        migrations.AddField("invitationtoanswer", "closes_on", models.DateField(null=True)),
        migrations.RunPython(close_with_their_wave, migrations.RunPython.noop),
        migrations.AlterField("invitationtoanswer", "closes_on", models.DateField(verbose_name="closes")),
        migrations.RunPython(name_by_key, name_by_position),
    ]
