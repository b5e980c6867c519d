"""The verbs of matching: decide on proposals and offers, and what becomes of a mentorship. Runs: runs.py."""

from matching.actions.base import hold, record
from matching.actions.course import (
    complete,
    end,
    end_by_staff,
    goes_on_without,
    part_from_leaver,
    pause,
    resume,
    run_out,
)
from matching.actions.decisions import Standing, confirm, confirm_all, demand_decidable, standing
from matching.actions.offers import answer_offer, lapse_offer, offers_in_the_way, withdraw_offer
from matching.people_of import current_pairs
from matching.runs import cancel_run, execute_run, request_run

__all__ = [
    "Standing",
    "answer_offer",
    "cancel_run",
    "complete",
    "confirm",
    "confirm_all",
    "current_pairs",
    "demand_decidable",
    "end",
    "end_by_staff",
    "execute_run",
    "goes_on_without",
    "hold",
    "lapse_offer",
    "offers_in_the_way",
    "part_from_leaver",
    "pause",
    "record",
    "request_run",
    "resume",
    "run_out",
    "standing",
    "withdraw_offer",
]
