from matching.models.departure import Departure
from matching.models.group import GroupDecision, ProposedGroup, Seat
from matching.models.mentorship import Member, Mentorship
from matching.models.policy import Block, MatchingPolicy
from matching.models.request import Request
from matching.models.run import MatchRun, Proposal, Step

__all__ = [
    "Block",
    "Departure",
    "GroupDecision",
    "MatchRun",
    "MatchingPolicy",
    "Member",
    "Mentorship",
    "Proposal",
    "ProposedGroup",
    "Request",
    "Seat",
    "Step",
]
