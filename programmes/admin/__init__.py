"""Programmes, their cohorts, and who was asked and takes part, as HR and coordinators run them."""

from programmes.admin.cohorts import CohortAdmin
from programmes.admin.enrolments import EnrolmentAdmin
from programmes.admin.invitations import InvitationAdmin
from programmes.admin.programmes import ProgrammeAdmin

__all__ = ["CohortAdmin", "EnrolmentAdmin", "InvitationAdmin", "ProgrammeAdmin"]
