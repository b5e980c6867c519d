from django.db import migrations, models
from django.db.models import Q

STATES = ["uploaded", "reading", "previewed", "taking", "done", "failed", "cancelled"]


def let_go_of_uploads(apps, schema_editor):
    """Files kept so far are uploads, not tables: whoever was at one uploads it again. The sweep deletes them."""
    imports = apps.get_model("participants", "PeopleImport").objects
    imports.filter(state__in=["uploaded", "reading", "previewed", "taking", "failed"]).update(state="cancelled")
    imports.exclude(file="").update(file="")


def let_go_of_unopened(apps, schema_editor):
    apps.get_model("participants", "PeopleImport").objects.filter(state="opening").update(state="cancelled")


def constraint(states):
    return models.CheckConstraint(condition=Q(state__in=states), name="people_import_state")


class Migration(migrations.Migration):
    dependencies = [("participants", "0005_erasure")]

    operations = [
        migrations.RemoveConstraint(model_name="peopleimport", name="people_import_state"),
        migrations.AlterField(
            model_name="peopleimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("opening", "being opened"),
                    ("uploaded", "columns to check"),
                    ("reading", "being read"),
                    ("previewed", "ready to be taken"),
                    ("taking", "being taken"),
                    ("done", "taken"),
                    ("failed", "failed"),
                    ("cancelled", "cancelled"),
                ],
                default="opening",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.RunPython(let_go_of_uploads, let_go_of_unopened),
        migrations.AddConstraint(model_name="peopleimport", constraint=constraint(["opening", *STATES])),
    ]
