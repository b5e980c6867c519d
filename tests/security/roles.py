"""Who walks: somebody in the company of `tests.security.company` each, named as seen from one mentorship."""

ANONYMOUS = "anonymous"
STRANGER = "stranger"  # works in the company, and takes part in nothing
PARTICIPANT = "participant"  # in another mentorship of the same cohort
MENTOR = "mentor"
MENTEE = "mentee"
FORMER = "former"  # was in it as in a group, and left
DELEGATE = "delegate"  # of the mentee
MANAGER = "manager"  # of the mentor
CONFIDANT = "confidant"
LATER_CONFIDANT = "later_confidant"  # of the same programme, named after the concern was raised
OTHER_CONFIDANT = "other_confidant"  # of another programme
COORDINATOR = "coordinator"
OTHER_COORDINATOR = "other_coordinator"  # of another programme
SPONSOR = "sponsor"
HEAD = "head"  # of the unit of all mentors
HR = "hr"
DEACTIVATED = "deactivated"  # was HR admin, coordinator and mentee, and still has the cookie

ROLES = (
    ANONYMOUS, STRANGER, PARTICIPANT, MENTOR, MENTEE, FORMER, DELEGATE, MANAGER, CONFIDANT, LATER_CONFIDANT,
    OTHER_CONFIDANT,
    COORDINATOR, OTHER_COORDINATOR, SPONSOR, HEAD, HR, DEACTIVATED,
)  # fmt: skip

NOBODY: frozenset[str] = frozenset()
EVERYBODY = frozenset(ROLES)
SIGNED_OUT = frozenset({ANONYMOUS, DEACTIVATED})
SIGNED_IN = EVERYBODY - SIGNED_OUT
MEMBERS = frozenset({MENTOR, MENTEE})
ONLY_MENTOR, ONLY_MENTEE = frozenset({MENTOR}), frozenset({MENTEE})
ONLY_HR = frozenset({HR})
OURS = frozenset({HR, COORDINATOR})  # the staff of the programme
STAFF = OURS | {OTHER_COORDINATOR}
READERS = OURS | {SPONSOR, HEAD}  # of the programme's insights
