import re

from django.db import migrations, models


def tell_own_words_apart(apps, schema_editor):
    """What the members wrote stays in `text`; what they took over is told by `original`, in both languages
    where the programme's ground rule still has the text that was copied."""
    for clause in apps.get_model("agreements", "Clause").objects.select_related("ground_rule").iterator():
        original, rule = clause.original_text.strip(), clause.ground_rule
        texts = {"en": rule.text_en, "de": rule.text_de} if rule else {}
        texts = {language: text.strip() for language, text in texts.items() if text}
        clause.language = next((code for code, text in texts.items() if text == original), "en")
        clause.original = texts if original in texts.values() else {"en": original} if original else {}
        own = clause.text.strip()
        if clause.is_mandatory:
            own = own.removeprefix(original).strip()
        elif re.sub(r"\s+", " ", own) == re.sub(r"\s+", " ", original):
            own = ""
        clause.text = own
        clause.save()


def write_all_words_out(apps, schema_editor):
    for clause in apps.get_model("agreements", "Clause").objects.iterator():
        texts = clause.original
        original = texts.get(clause.language) or texts.get("en") or texts.get("de") or ""
        parts = [original, clause.text] if clause.is_mandatory else [clause.text or original]
        clause.original_text, clause.text = original, "\n".join(filter(None, parts))
        clause.save()


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_initial")]

    operations = [
        migrations.RenameField("clause", "original", "original_text"),
        migrations.AddField("clause", "original", models.JSONField(blank=True, default=dict)),
        migrations.AddField("clause", "language", models.CharField(blank=True, max_length=5)),
        migrations.AlterField(
            "clause", "text", models.TextField(blank=True, max_length=2000, verbose_name="text")
        ),
        migrations.RunPython(tell_own_words_apart, write_all_words_out),
        migrations.RemoveField("clause", "original_text"),
    ]
