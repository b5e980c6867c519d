"""The verbs of a cohort's life: inviting, enrolling, deciding, and the steps from draft to closed."""

from programmes.actions.briefings import complete_briefing, finish_page, waive_briefing
from programmes.actions.cohorts import begin_matching, close, copy_cohort, left_over, open_enrolment, start
from programmes.actions.decisions import accept, asked_manager, decline, move_up
from programmes.actions.enrolments import (
    avoid,
    begin,
    discard,
    enrol,
    keep,
    refuse,
    submit,
    wish_for,
    withdraw,
)
from programmes.actions.history import history_of, record, told
from programmes.actions.invitations import (
    begin_round,
    decline_invitation,
    execute_round,
    follow_link,
    invitable,
    invite,
    make_link,
    resume_round,
    revoke_link,
    stop_round,
    take_off_list,
    tell_the_forgotten,
    uninvited,
)
from programmes.actions.line_managers import answer_time, ask_line_manager
from programmes.actions.programmes import create_from_preset

__all__ = [
    "accept",
    "answer_time",
    "ask_line_manager",
    "asked_manager",
    "avoid",
    "begin",
    "begin_matching",
    "begin_round",
    "close",
    "complete_briefing",
    "copy_cohort",
    "create_from_preset",
    "decline",
    "decline_invitation",
    "discard",
    "enrol",
    "execute_round",
    "finish_page",
    "follow_link",
    "history_of",
    "invitable",
    "invite",
    "keep",
    "left_over",
    "make_link",
    "move_up",
    "open_enrolment",
    "record",
    "refuse",
    "resume_round",
    "revoke_link",
    "start",
    "stop_round",
    "submit",
    "take_off_list",
    "tell_the_forgotten",
    "told",
    "uninvited",
    "waive_briefing",
    "wish_for",
    "withdraw",
]
