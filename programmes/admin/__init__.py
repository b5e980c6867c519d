"""Programmes, their cohorts, and who was asked and takes part, as HR and coordinators run them."""

from programmes.admin.cohorts import CohortAdmin
from programmes.admin.enrolments import EnrolmentAdmin
from programmes.admin.invitations import InvitationAdmin
from programmes.admin.programmes import ProgrammeAdmin
from programmes.admin.wordings import WordingAdmin

__all__ = ["CohortAdmin", "EnrolmentAdmin", "InvitationAdmin", "ProgrammeAdmin", "WordingAdmin"]
