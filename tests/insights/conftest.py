import pytest

from insights.disclosure import Veil


@pytest.fixture
def no_coin(monkeypatch):
    """Nothing is held back, so that what a page shows can be told beforehand."""
    monkeypatch.setattr(Veil, "held_back", lambda self, group, part="": 0)
