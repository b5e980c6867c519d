from matching.models.mentorship import Member, Mentorship
from matching.models.policy import Block, MatchingPolicy
from matching.models.request import Request
from matching.models.run import MatchRun, Proposal, Step

__all__ = ["Block", "MatchRun", "MatchingPolicy", "Member", "Mentorship", "Proposal", "Request", "Step"]
