"""Groups of several mentors and mentees around one theme: arrays in; groups, reasons and a bound out.

This is no flow problem: whether people can be in one group depends on all of them together. Groups are seeded
by theme and hours, people assigned to them, and the whole polished with CP-SAT (OR-Tools), which also states
how good anything could be at most. Plain Python, knows nothing of Django.
"""

from matching.groups.case import Case, Group, Sizes, case_of, faults
from matching.groups.solve import Cancelled, Grouping, Worth, form_groups, worth_of
from matching.groups.why import Left, why_left

__all__ = [
    "Cancelled",
    "Case",
    "Group",
    "Grouping",
    "Left",
    "Sizes",
    "Worth",
    "case_of",
    "faults",
    "form_groups",
    "why_left",
    "worth_of",
]
