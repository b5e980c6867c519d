import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('insights', '0001_release'),
        ('participants', '0004_profile_parts_and_words'),
        ('programmes', '0004_own_words_for_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # What was released before was kept in another form; it is counted anew within minutes.
        migrations.RunSQL("DELETE FROM insights_release", migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='release',
            name='sections',
        ),
        migrations.AddField(
            model_name='release',
            name='figures',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='release',
            name='gates',
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name='release',
            name='checked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='Headcount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('grade', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.grade')),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.site')),
                ('unit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.unit')),
            ],
            options={
                'verbose_name': 'headcount',
            },
        ),
        migrations.CreateModel(
            name='ReleasedMentorship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=24)),
                ('health', models.CharField(blank=True, max_length=12)),
                ('is_expected', models.BooleanField(default=False)),
                ('cohort', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.cohort')),
            ],
            options={
                'verbose_name': 'released mentorship',
            },
        ),
        migrations.CreateModel(
            name='ReleasedMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('mentor', 'mentor'), ('mentee', 'mentee')], max_length=6)),
                ('grade', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.grade')),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.site')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.unit')),
                ('mentorship', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='insights.releasedmentorship')),
            ],
            options={
                'verbose_name': 'released member',
            },
        ),
        migrations.CreateModel(
            name='ReleasedPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('mentor', 'mentor'), ('mentee', 'mentee')], max_length=6)),
                ('key', models.CharField(max_length=24)),
                ('step', models.PositiveSmallIntegerField()),
                ('was_offered', models.BooleanField()),
                ('took', models.BooleanField()),
                ('again', models.BooleanField()),
                ('cohort', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.cohort')),
                ('grade', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.grade')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.site')),
                ('unit', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='participants.unit')),
            ],
            options={
                'verbose_name': 'released person',
            },
        ),
        migrations.CreateModel(
            name='ReleasedSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=16)),
                ('month', models.DateField(null=True)),
                ('number', models.PositiveIntegerField()),
                ('behind', models.PositiveIntegerField()),
                ('cohort', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.cohort')),
            ],
            options={
                'verbose_name': 'released sum',
            },
        ),
        migrations.CreateModel(
            name='ReleasedTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(max_length=12)),
                ('kind', models.CharField(max_length=16)),
                ('month', models.DateField(null=True)),
                ('number', models.PositiveIntegerField()),
                ('cohort', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='programmes.cohort')),
                ('mentorship', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='insights.releasedmentorship')),
            ],
            options={
                'verbose_name': 'released tally',
            },
        ),
        migrations.AddConstraint(
            model_name='releasedmentorship',
            constraint=models.UniqueConstraint(fields=('cohort', 'key'), name='released_mentorship_once'),
        ),
        migrations.AddIndex(
            model_name='releasedperson',
            index=models.Index(fields=['unit', 'cohort'], name='released_person_by_unit'),
        ),
        migrations.AddConstraint(
            model_name='releasedperson',
            constraint=models.UniqueConstraint(fields=('cohort', 'key'), name='released_person_once'),
        ),
        migrations.AddConstraint(
            model_name='releasedsum',
            constraint=models.UniqueConstraint(fields=('cohort', 'month', 'kind'), name='released_sum_once', nulls_distinct=False),
        ),
        migrations.AddIndex(
            model_name='releasedtally',
            index=models.Index(fields=['cohort', 'month'], include=('kind', 'number', 'mentorship'), name='released_tally_by_month'),
        ),
        migrations.AddConstraint(
            model_name='releasedtally',
            constraint=models.UniqueConstraint(fields=('mentorship', 'section', 'kind', 'month'), name='released_tally_once', nulls_distinct=False),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM insights_release"),
    ]
