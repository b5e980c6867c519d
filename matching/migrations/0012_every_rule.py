import django.core.validators
from django.db import migrations, models


def keep_what_was_chosen(apps, schema_editor):
    apps.get_model("matching", "MatchingPolicy").objects.filter(not_together_before=False).update(earlier="off")


def back_to_a_switch(apps, schema_editor):
    apps.get_model("matching", "MatchingPolicy").objects.filter(earlier="off").update(not_together_before=False)


class Migration(migrations.Migration):
    dependencies = [("matching", "0011_leavers_are_found")]

    operations = [
        migrations.AddField(
            model_name="matchingpolicy",
            name="common_way",
            field=models.BooleanField(default=True, verbose_name="a common way to meet"),
        ),
        migrations.AddField(
            model_name="matchingpolicy",
            name="same_site",
            field=models.BooleanField(default=True, verbose_name="one site, where they only meet on site"),
        ),
        migrations.AddField(
            model_name="matchingpolicy",
            name="reports_of_reports",
            field=models.BooleanField(
                default=True, verbose_name="not under one of the mentee's direct reports"
            ),
        ),
        migrations.AddField(
            model_name="matchingpolicy",
            name="earlier",
            field=models.CharField(
                choices=[
                    ("off", "may be matched again"),
                    ("here", "not again, if it was in this programme"),
                    ("anywhere", "not again, in whichever programme it was"),
                ],
                default="here",
                max_length=8,
                verbose_name="who have been together before",
            ),
        ),
        migrations.RunPython(keep_what_was_chosen, back_to_a_switch),
        migrations.RemoveField(model_name="matchingpolicy", name="not_together_before"),
        migrations.AlterField(
            model_name="matchingpolicy",
            name="line_reach",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text=(
                    "How many levels above and below a person nobody is matched with them."
                    " Empty: the whole line; then whoever leads the company can be matched with nobody."
                ),
                null=True,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="reporting line, levels",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(earlier__in=["off", "here", "anywhere"]), name="policy_earlier"
            ),
        ),
    ]
