"""Somebody to talk to outside the programme; nobody is both coordinator and confidant of one."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models


# Who runs the product or the programme listens no longer.
NOT_BOTH = """
DELETE FROM programmes_programmerole confidant
 WHERE confidant.role = 'confidant'
   AND (EXISTS (SELECT FROM participants_person person
                 WHERE person.id = confidant.person_id AND person.is_hr_admin)
     OR EXISTS (SELECT FROM programmes_programmerole other
                 WHERE other.programme_id = confidant.programme_id
                   AND other.person_id = confidant.person_id
                   AND other.role = 'coordinator'))
"""


class Migration(migrations.Migration):

    dependencies = [
        ('programmes', '0004_own_words_for_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='programme',
            name='external_contact',
            field=models.TextField(blank=True, help_text='An ombuds office or a hotline, and how to reach it. Shown to people before they confide in somebody, and where no confidant could listen to them.', max_length=500, verbose_name='somebody to talk to outside the programme'),
        ),
        migrations.AddField(
            model_name='programme',
            name='external_contact_de',
            field=models.TextField(blank=True, help_text='An ombuds office or a hotline, and how to reach it. Shown to people before they confide in somebody, and where no confidant could listen to them.', max_length=500, null=True, verbose_name='somebody to talk to outside the programme'),
        ),
        migrations.AddField(
            model_name='programme',
            name='external_contact_en',
            field=models.TextField(blank=True, help_text='An ombuds office or a hotline, and how to reach it. Shown to people before they confide in somebody, and where no confidant could listen to them.', max_length=500, null=True, verbose_name='somebody to talk to outside the programme'),
        ),
        migrations.AlterField(
            model_name='programme',
            name='smallest_group',
            field=models.PositiveSmallIntegerField(default=5, help_text='Never under five. HR sets it before the first question round opens; then it is fixed.', validators=[django.core.validators.MinValueValidator(5)], verbose_name='smallest group shown in insights'),
        ),
        migrations.RunSQL(NOT_BOTH, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='programmerole',
            constraint=models.UniqueConstraint(condition=models.Q(('role__in', ['coordinator', 'confidant'])), fields=('programme', 'person'), name='confidant_coordinates_nothing'),
        ),
    ]
