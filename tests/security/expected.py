"""Who may do what, by address. What is not named here is refused to everybody.

A row: the pattern, who may look (GET, HEAD), who may act (POST); being led on to another page is
looking, too. It says what the product promises, not how it decides: `mentoring/permissions.py` is not asked.
"""

from tests.security.roles import (
    CONFIDANT,
    DELEGATE,
    EVERYBODY,
    FORMER,
    HEAD,
    LATER_CONFIDANT,
    MANAGER,
    MEMBERS,
    MENTOR,
    NOBODY,
    ONLY_HR,
    ONLY_MENTEE,
    ONLY_MENTOR,
    OTHER_CONFIDANT,
    OURS,
    READERS,
    SIGNED_IN,
    SIGNED_OUT,
    SPONSOR,
    STAFF,
)

Row = tuple[frozenset[str], frozenset[str]]

IN_IT = MEMBERS
ARRANGERS = MEMBERS | {DELEGATE}
KNOWS_IT = MEMBERS | {FORMER}  # also of the past
CARE = frozenset({MENTOR, CONFIDANT})  # who raised the concern, and who reads it
ONLY_CONFIDANT = frozenset({CONFIDANT})

PAGES: dict[str, Row] = {
    # --- One's own -----------------------------------------------------------------------
    "": (SIGNED_IN, NOBODY),
    "meetings/": (SIGNED_IN, NOBODY),
    "meetings/calendar/": (SIGNED_IN, NOBODY),
    "meetings/calendar/new/": (SIGNED_IN, SIGNED_IN),
    "meetings/calendar/remove/": (SIGNED_IN, SIGNED_IN),
    "goals/": (SIGNED_IN, NOBODY),
    "pulses/advice/": (SIGNED_IN, NOBODY),
    "concerns/": (CARE | {LATER_CONFIDANT, OTHER_CONFIDANT}, NOBODY),
    "programmes/": (SIGNED_IN, NOBODY),
    "profile/": (SIGNED_IN, SIGNED_IN),
    "notices/": (SIGNED_IN, NOBODY),
    "notices/read/": (NOBODY, SIGNED_IN),
    "notices/preferences/": (SIGNED_IN, SIGNED_IN),
    "notices/<uuid:uuid>/": (ONLY_MENTOR, NOBODY),
    "account/data/": (SIGNED_IN, NOBODY),
    "account/data/read/": (SIGNED_IN, NOBODY),
    "account/data/data.json": (SIGNED_IN, NOBODY),
    "account/data/data.zip": (SIGNED_IN, NOBODY),
    "account/data/erase/": (SIGNED_IN, SIGNED_IN),
    "account/data/erase/take-back/": (NOBODY, SIGNED_IN),
    # --- A mentorship --------------------------------------------------------------------
    "mentorships/<uuid:uuid>/": (IN_IT, NOBODY),
    "mentorships/<uuid:uuid>/offer/": (IN_IT, IN_IT),
    "mentorships/<uuid:uuid>/pause/": (IN_IT, IN_IT),
    "mentorships/<uuid:uuid>/resume/": (IN_IT, IN_IT),
    "mentorships/<uuid:uuid>/end/": (IN_IT, IN_IT),
    "meetings/plan/<uuid:uuid>/": (ARRANGERS, ARRANGERS),
    "meetings/plan/<uuid:uuid>/all/": (ARRANGERS, ARRANGERS),
    "meetings/<uuid:uuid>/": (ARRANGERS, NOBODY),
    "meetings/<uuid:uuid>/move/": (ARRANGERS, ARRANGERS),
    "meetings/<uuid:uuid>/cancel/": (ARRANGERS, ARRANGERS),
    "meetings/<uuid:uuid>/answer/": (IN_IT, IN_IT),
    "meetings/<uuid:uuid>/moved/": (IN_IT, IN_IT),
    "meetings/<uuid:uuid>/log/": (IN_IT, IN_IT),
    "meetings/<uuid:uuid>/log/save/": (NOBODY, IN_IT),
    "meetings/share/<uuid:uuid>/": (IN_IT, IN_IT),
    "meetings/unplanned/<uuid:uuid>/": (IN_IT, IN_IT),
    "meetings/resources/<uuid:uuid>/": (IN_IT, NOBODY),
    "meetings/resources/<uuid:uuid>/remove/": (ONLY_MENTOR, ONLY_MENTOR),  # who shared it
    "meetings/steps/<uuid:uuid>/": (NOBODY, IN_IT),
    "agreements/<uuid:uuid>/": (IN_IT, NOBODY),
    "agreements/<uuid:uuid>/adapt/": (IN_IT, IN_IT),
    "agreements/<uuid:uuid>/print/": (IN_IT, NOBODY),
    "agreements/<uuid:uuid>/sign/": (NOBODY, IN_IT),
    "goals/new/<uuid:uuid>/": (IN_IT, IN_IT),
    "goals/<uuid:uuid>/": (IN_IT, NOBODY),
    "goals/<uuid:uuid>/check-in/": (IN_IT, IN_IT),
    "goals/<uuid:uuid>/describe/": (IN_IT, IN_IT),
    "goals/<uuid:uuid>/change/": (IN_IT, IN_IT),
    "goals/changes/<uuid:uuid>/": (IN_IT, IN_IT),
    "goals/<uuid:uuid>/attain/": (IN_IT, IN_IT),
    "goals/<uuid:uuid>/drop/": (IN_IT, IN_IT),
    "goals/<uuid:uuid>/reopen/": (NOBODY, IN_IT),
    "feedback/<uuid:uuid>/": (IN_IT, IN_IT),
    "feedback/<uuid:uuid>/keep/": (IN_IT, NOBODY),
    "feedback/<uuid:uuid>/exchange/": (IN_IT, IN_IT),
    "feedback/words/<uuid:uuid>/": (ONLY_MENTOR, ONLY_MENTOR),  # who wrote it
    "feedback/topics/<uuid:uuid>/": (NOBODY, IN_IT),
    "pulses/<uuid:uuid>/": (ONLY_MENTOR, ONLY_MENTOR),  # who is asked
    "endings/<uuid:uuid>/": (IN_IT, IN_IT),
    "endings/<uuid:uuid>/complete/": (IN_IT, IN_IT),
    "endings/<uuid:uuid>/certificate/": (IN_IT, NOBODY),
    "endings/<uuid:uuid>/next/": (IN_IT, NOBODY),
    "endings/<uuid:uuid>/rematch/": (NOBODY, IN_IT),
    "endings/looking-back/<uuid:uuid>/": (ONLY_MENTOR, ONLY_MENTOR),
    "profile/people/<int:pk>/": (IN_IT | ONLY_HR, NOBODY),  # the mentor
    # --- Concerns ------------------------------------------------------------------------
    "concerns/raise/<uuid:uuid>/": (KNOWS_IT, KNOWS_IT),
    "concerns/<uuid:uuid>/": (CARE, CARE),
    "concerns/<uuid:uuid>/take/": (NOBODY, ONLY_CONFIDANT),
    "concerns/<uuid:uuid>/hand-over/": (CARE, CARE),
    "concerns/<uuid:uuid>/pause/": (CARE, CARE),
    "concerns/<uuid:uuid>/settle/": (CARE, CARE),
    # --- Taking part ---------------------------------------------------------------------
    "programmes/<uuid:cohort>/": (SIGNED_IN, NOBODY),
    "programmes/<uuid:cohort>/enrol/": (SIGNED_IN, NOBODY),
    "programmes/<uuid:cohort>/enrol/<slug:step>/": (SIGNED_IN, SIGNED_IN),
    "programmes/join/<str:token>/": (SIGNED_IN, NOBODY),
    "programmes/invitations/<uuid:invitation>/decline/": (ONLY_MENTEE, ONLY_MENTEE),
    "programmes/enrolments/<uuid:enrolment>/withdraw/": (ONLY_MENTOR, ONLY_MENTOR),
    "programmes/enrolments/<uuid:enrolment>/discard/": (ONLY_MENTOR, ONLY_MENTOR),
    "programmes/enrolments/<uuid:enrolment>/briefing/": (ONLY_MENTOR, NOBODY),
    "programmes/enrolments/<uuid:enrolment>/briefing/<int:number>/": (ONLY_MENTOR, ONLY_MENTOR),
    "programmes/time/<uuid:uuid>/": (frozenset({MANAGER}), frozenset({MANAGER})),
    "directory/<uuid:cohort>/": (IN_IT, NOBODY),
    "directory/<uuid:cohort>/suggestions/": (IN_IT, IN_IT),
    "directory/<uuid:cohort>/<uuid:enrolment>/": (ONLY_MENTEE, ONLY_MENTEE),  # a mentor, whom mentees ask
    "directory/requests/<uuid:uuid>/": (IN_IT, IN_IT),
    # --- For whoever holds the link ------------------------------------------------------
    "meetings/calendar/<str:token>.ics": (EVERYBODY, NOBODY),
    "meetings/did-you-meet/<str:token>/": (SIGNED_OUT | ONLY_MENTEE, SIGNED_OUT | ONLY_MENTEE),
    "notices/unsubscribe/<str:token>/": (EVERYBODY, EVERYBODY),
    # --- Signing in ----------------------------------------------------------------------
    "account/email/": (SIGNED_IN, NOBODY),
    "account/again/": (SIGNED_IN, SIGNED_IN),
    "account/places/": (SIGNED_IN, SIGNED_IN),
    "account/login/": (EVERYBODY, EVERYBODY),
    "account/logout/": (SIGNED_IN, NOBODY),  # leads to the sign-in
    "account/reauthenticate/": (NOBODY, NOBODY),  # nobody here has a password
    "account/inactive/": (EVERYBODY, NOBODY),
    "account/signup/": (EVERYBODY, EVERYBODY),  # says that it is closed
    "account/confirm-email/": (EVERYBODY, NOBODY),
    "account/password/change/": (SIGNED_IN, SIGNED_IN),
    "account/password/set/": (SIGNED_IN, SIGNED_IN),
    "account/password/reset/": (EVERYBODY, EVERYBODY),
    "account/login/code/": (EVERYBODY, EVERYBODY),
    "account/login/code/confirm/": (EVERYBODY, EVERYBODY),
    "account/^confirm-email/(?P<key>[-:\\w]+)/$": (EVERYBODY, NOBODY),
    "account/password/reset/key/done/": (EVERYBODY, NOBODY),
    "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (EVERYBODY, EVERYBODY),
    "account/password/reset/done/": (EVERYBODY, NOBODY),
    "language/": (NOBODY, EVERYBODY),
    "healthz": (EVERYBODY, NOBODY),
    "readyz": (EVERYBODY, NOBODY),
    # --- Staff, outside of the admin site ------------------------------------------------
    "stalled/": (STAFF, NOBODY),
    "stalled/<uuid:uuid>/nudge/": (NOBODY, OURS),
    "refused/": (STAFF, NOBODY),
    "refused/<int:pk>/again/": (NOBODY, OURS),
    "insights/": (STAFF | {SPONSOR, HEAD}, NOBODY),
    "insights/<uuid:uuid>/": (READERS, NOBODY),
    "insights/<uuid:uuid>/figures.<slug:kind>": (READERS, NOBODY),
}

ADMIN_PAGES: dict[str, Row] = {
    "admin/": (STAFF, STAFF),
    "admin/search/": (STAFF, STAFF),
    "admin/autocomplete/": (NOBODY, NOBODY),  # without a field that is completed
    "admin/jsi18n/": (STAFF, NOBODY),
    "admin/logout/": (SIGNED_IN, NOBODY),
    "admin/password_change/": (SIGNED_IN, SIGNED_IN),
    "admin/password_change/done/": (STAFF, NOBODY),
    "admin/erasures/": (ONLY_HR, NOBODY),
    "admin/erasures/return/": (NOBODY, ONLY_HR),
    "admin/erasures/<int:pk>/": (ONLY_HR, ONLY_HR),
    "admin/erasures/<int:pk>/decline/": (ONLY_HR, ONLY_HR),
    "admin/erasures/<int:pk>/first/inactive/": (NOBODY, ONLY_HR),
    "admin/erasures/<int:pk>/first/end/": (NOBODY, ONLY_HR),
    "admin/participants/person/erasures/": (STAFF, STAFF),
    "admin/participants/person/<path:object_id>/erase/": (STAFF, STAFF),
    "admin/participants/grade/order/": (ONLY_HR, ONLY_HR),
    "admin/participants/peopleimport/<int:pk>/columns/": (ONLY_HR, ONLY_HR),
    "admin/participants/peopleimport/<int:pk>/progress/": (ONLY_HR, ONLY_HR),
    "admin/participants/peopleimport/<int:pk>/take/": (NOBODY, ONLY_HR),
    "admin/participants/peopleimport/<int:pk>/again/": (NOBODY, ONLY_HR),
    "admin/participants/peopleimport/<int:pk>/cancel/": (NOBODY, ONLY_HR),
    "admin/participants/peopleimport/<int:pk>/not-taken.csv": (ONLY_HR, ONLY_HR),
    "styleguide/": (ONLY_HR, NOBODY),
    "admin/^(?P<app_label>...)/$": (ONLY_HR, ONLY_HR),
    "admin/programmes/programme/from-preset/": (ONLY_HR, ONLY_HR),
    "admin/programmes/programme/<path:object_id>/who/": (OURS, OURS),
    "admin/programmes/programme/<path:object_id>/new-cohort/": (STAFF, STAFF),
    "admin/programmes/programme/<path:object_id>/preview/": (OURS, OURS),
    "admin/programmes/cohort/course/": (STAFF, STAFF),
    "admin/programmes/cohort/rounds/<int:pk>/": (OURS, OURS),
    "admin/programmes/cohort/links/<int:pk>/revoke/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/invite/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/open-enrolment/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/begin-matching/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/start/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/close/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/copy/": (OURS, OURS),
    "admin/programmes/cohort/<path:object_id>/preview/": (OURS, OURS),
    "admin/matching/matchingpolicy/of/<int:programme_id>/": (OURS, OURS),
    "admin/matching/mentorship/<path:object_id>/end/": (OURS, OURS),
    "admin/matching/matchrun/cohort/<int:cohort_id>/run/": (NOBODY, OURS),
    "admin/matching/matchrun/cohort/<int:cohort_id>/again/": (OURS, OURS),
    "admin/matching/matchrun/cohort/<int:cohort_id>/what-if/": (OURS, OURS),
    "admin/matching/matchrun/cohort/<int:cohort_id>/before/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/progress/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/stop/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/confirm/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/confirm/<int:proposal_id>/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/proposal/<int:proposal_id>/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/proposal/<int:proposal_id>/lock/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/proposal/<int:proposal_id>/swap/<int:mentor_id>/<int:mentee_id>/": (
        OURS,
        OURS,
    ),
    "admin/matching/matchrun/<int:run_id>/pair/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/undo/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/keep/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/discard/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/compare/<int:other_id>/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/groups/confirm/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/groups/<int:group_id>/confirm/": (NOBODY, OURS),
    "admin/matching/matchrun/<int:run_id>/people/<int:enrolment_id>/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/people/<int:enrolment_id>/<int:group_id>/": (OURS, OURS),
    "admin/matching/matchrun/<int:run_id>/decisions/<int:decision_id>/undo/": (NOBODY, OURS),
}

# The list of a model, a new row, looking at one, changing it, deleting it.
MODELS: dict[str, tuple[frozenset[str], ...]] = {
    "participants/grade": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR),
    "participants/unit": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR),
    "participants/site": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR),
    "participants/profession": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR),
    "participants/topic": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR),
    "participants/delegation": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR),
    "participants/person": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, NOBODY),
    "participants/peopleimport": (ONLY_HR, ONLY_HR, ONLY_HR, ONLY_HR, NOBODY),
    "programmes/programme": (STAFF, STAFF, OURS, OURS, ONLY_HR),
    "programmes/cohort": (STAFF, STAFF, OURS, OURS, NOBODY),
    "programmes/enrolment": (STAFF, NOBODY, OURS, OURS, NOBODY),
    "programmes/invitation": (STAFF, NOBODY, OURS, NOBODY, NOBODY),
    "programmes/wording": (STAFF, STAFF, OURS, OURS, OURS),
    "matching/matchrun": (STAFF, NOBODY, OURS, OURS, NOBODY),
    "matching/matchingpolicy": (STAFF, NOBODY, OURS, OURS, NOBODY),
    "matching/block": (STAFF, STAFF, OURS, OURS, OURS),
    "matching/mentorship": (STAFF, NOBODY, OURS, NOBODY, NOBODY),
    "pulses/ownquestion": (STAFF, STAFF, OURS, OURS, OURS),
}


def rows_of_models() -> dict[str, Row]:
    rows = {}
    for model, (listed, new, seen, changed, deleted) in MODELS.items():
        rows |= {
            f"admin/{model}/": (listed, listed),
            f"admin/{model}/add/": (new, new),
            f"admin/{model}/<path:object_id>/": (STAFF, STAFF),  # leads to the next, which asks
            f"admin/{model}/<path:object_id>/change/": (seen, changed),
            f"admin/{model}/<path:object_id>/history/": (seen, seen),
            f"admin/{model}/<path:object_id>/delete/": (deleted, deleted),
        }
    return rows


TABLE: dict[str, Row] = {**PAGES, **ADMIN_PAGES, **rows_of_models()}

# What looking writes: that a notice was read, how far somebody got, what is made when it is first looked at.
LOOKING_WRITES: dict[str, frozenset[str]] = {
    "notices/<uuid:uuid>/": frozenset({"notices_notice"}),
    "meetings/calendar/<str:token>.ics": frozenset({"meetings_calendarfeed"}),
    # Looking at a swap is an attempt, and is counted.
    "admin/matching/matchrun/<int:run_id>/proposal/<int:proposal_id>/swap/<int:mentor_id>/<int:mentee_id>/": (
        frozenset({"django_admin_log"})
    ),
}

# Where the example cannot take the step (it is shown why), or the step is about the session alone.
POSTS_NOTHING: frozenset[str] = frozenset(
    {
        "meetings/plan/<uuid:uuid>/all/",
        "endings/<uuid:uuid>/complete/",
        "programmes/enrolments/<uuid:enrolment>/withdraw/",
        "directory/requests/<uuid:uuid>/",
        "directory/<uuid:cohort>/suggestions/",
        "feedback/words/<uuid:uuid>/",
        "account/login/",
        "account/signup/",
        "account/password/change/",
        "account/password/set/",
        "account/login/code/confirm/",
        "account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
    }
)
