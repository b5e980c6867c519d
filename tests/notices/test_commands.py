from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from notices import outbox
from tests import factories

pytestmark = pytest.mark.django_db


def test_outbox_ends_with_1_when_mail_is_late(capsys):
    call_command("outbox")
    assert "       0 due\n" in capsys.readouterr().out
    at = timezone.now() - timedelta(hours=90)  # longer than any weekend
    outbox.post("test-act", to=factories.person(), key="late", context={}, at=at)
    with pytest.raises(SystemExit) as ended:
        call_command("outbox")
    assert ended.value.code == 1
    assert "       1 due\n" in capsys.readouterr().out
