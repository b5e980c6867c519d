import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def hand_over_what_is_under_way(apps, schema_editor):
    runs = apps.get_model("matching", "MatchRun").objects.filter(state__in=["queued", "running"])
    runs.update(handed_over_at=models.F("requested_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0012_every_rule"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(model_name="matchrun", name="progress"),
        migrations.AddField(
            model_name="matchrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="handed_over_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="matchrun", name="error", field=models.CharField(blank=True, max_length=500)
        ),
        migrations.AlterField(
            model_name="matchrun",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="asked for by",
            ),
        ),
        migrations.RunPython(hand_over_what_is_under_way, migrations.RunPython.noop),
    ]
