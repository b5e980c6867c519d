"""Mail about accounts, and one source of who signs in: `participants_person.email`.

allauth keeps addresses of its own and would let each of them in. The table stays empty from here on; a constraint
sees to it. Whatever changes an address in `participants_person` tells the old one and the new one.
"""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
DELETE FROM account_emailconfirmation;
DELETE FROM account_emailaddress;
ALTER TABLE account_emailaddress ADD CONSTRAINT accounts_person_email_alone CHECK (false);

CREATE FUNCTION accounts_tell_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts_accountmail (uuid, kind, email, person_id, facts, created_at, due_at, until, attempts)
    SELECT gen_random_uuid(), 'address_changed', address, NEW.id, jsonb_build_object('is_new', is_new),
           now(), now(), now() + interval '7 days', 0
      FROM (VALUES (OLD.email, FALSE), (NEW.email, TRUE)) AS told (address, is_new);
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_tell_addresses
    AFTER UPDATE OF email ON participants_person
    FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email AND NEW.is_active AND NEW.erased_at IS NULL)
    EXECUTE FUNCTION accounts_tell_addresses();
"""

BACKWARDS = """
DROP TRIGGER accounts_tell_addresses ON participants_person;
DROP FUNCTION accounts_tell_addresses();
ALTER TABLE account_emailaddress DROP CONSTRAINT accounts_person_email_alone;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("participants", "0007_sign_in_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("login_code", "Login Code"),
                            ("password_reset_key", "Password Reset"),
                            ("password_reset", "Password Was Reset"),
                            ("password_changed", "Password Changed"),
                            ("password_set", "Password Set"),
                            ("address_changed", "Address Changed"),
                        ],
                        max_length=30,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("facts", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("until", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "mail about an account",
                "verbose_name_plural": "mails about accounts",
                "ordering": ["created_at", "pk"],
                "indexes": [models.Index(fields=["due_at"], name="account_mail_due")],
            },
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
