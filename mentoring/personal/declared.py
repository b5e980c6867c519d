"""For every table: whose its rows are, which columns are in a person's copy, and what erasing them does.

A test holds that no table and no column is missing here, and that every column that leads to a person is
named.
"""

from typing import Any

from django.db.models import Case, F, Q, TextField, Value, When

from mentoring.personal.held import Apart, Blank, Delete, Held, Keep, model_of
from participants.models import Person

MEMBER = "member__enrolment__person"
ENROLLED = "enrolment__person"
NO_WAY_BACK = Keep("nothing in it leads to a person")
STRUCTURE = Keep("the company's or a programme's, not a person's")
RELEASED = Keep("figures that were shown stand until enough people differ, so that none tells of one person")
OFFICE = Keep("done in an office, kept without a name")


def received_feedback(person: Person) -> Q:
    """What they wrote, and what was written to them as far as they see it already."""
    shown = model_of("feedback.Feedback").objects.visible_to(person).values("pk")  # type: ignore[attr-defined]
    return Q(author__enrolment__person=person) | Q(recipient__enrolment__person=person, pk__in=shown)


def meetings_seen(person: Person) -> Q:
    seen = model_of("matching.Mentorship").objects.visible_to(person).values("pk")  # type: ignore[attr-defined]
    return Q(planned_by=person) | Q(mentorship__in=seen)


def own_words_of_a_request(person: Person) -> dict[str, Any]:
    mine = When(asker__person=person, then=F("message"))
    return {"own_message": Case(mine, default=Value(""), output_field=TextField())}


HELD: dict[str, Held] = {
    # --- Signing in, and the frame ---
    "account.EmailAddress": Held(
        Delete(), mine=("user",), copy=("email", "verified", "primary"), left=("id", "user")
    ),
    "account.EmailConfirmation": Held(
        Delete(),
        mine=("email_address__user",),
        copy=("created", "sent"),
        left=("id", "email_address", "key"),
    ),
    "accounts.AccountMail": Held(
        Delete(),
        found=("person",),
        left=("id", "uuid", "kind", "email", "person", "facts", "created_at", "due_at", "until", "attempts"),
    ),
    "usersessions.UserSession": Held(
        Delete(),
        mine=("user",),
        copy=("created_at", "last_seen_at", "ip", "user_agent"),
        left=("id", "user", "session_key", "data"),
    ),
    "admin.LogEntry": Held(
        Apart("names and addresses are taken out of the history's words"),
        mine=("user",),
        copy=("action_time", "action_flag"),
        left=("id", "user", "content_type", "object_id", "object_repr", "change_message"),
    ),
    "auth.Group": Held(STRUCTURE, left=("id", "name")),
    "auth.Permission": Held(STRUCTURE, left=("id", "name", "content_type", "codename")),
    "contenttypes.ContentType": Held(STRUCTURE, left=("id", "app_label", "model")),
    "sessions.Session": Held(
        Apart("they are signed out everywhere"), left=("session_key", "session_data", "expire_date")
    ),
    # --- People ---
    "participants.Person": Held(
        Apart("the row stays, empty"),
        mine=("pk",),
        about=("manager",),
        copy=(
            *("name", "given_name", "email", "external_id", "job_title", "grade__name", "unit__name"),
            *("site__name", "profession__name", "manager__name", "joined_on", "language", "time_zone"),
            *("is_active", "is_hr_admin", "created_at", "last_login"),
        ),
        left=("id", "password", "line", "sign_in_version", "erased_at"),
    ),
    "participants.PersonLanguage": Held(
        Delete(), mine=("person",), copy=("code", "level"), left=("id", "person")
    ),
    "participants.Delegation": Held(
        Delete(),
        mine=("person", "delegate"),
        copy=("person__name", "delegate__name", "created_at"),
        left=("id",),
    ),
    "participants.Profile": Held(
        Delete(),
        mine=("person",),
        copy=("headline", "about", "hidden", "updated_at"),
        left=("id", "person"),
    ),
    "participants.Expertise": Held(
        Delete(), mine=("profile__person",), copy=("topic__name", "level", "years"), left=("id", "profile")
    ),
    "participants.Interest": Held(
        Delete(), mine=("profile__person",), copy=("topic__name", "priority"), left=("id", "profile")
    ),
    "participants.ErasureRequest": Held(
        Delete(), mine=("person",), copy=("asked_at",), left=("id", "person")
    ),
    "participants.Erased": Held(NO_WAY_BACK, left=("fingerprint", "erased_on")),
    "participants.Unit": Held(
        Apart("it has no head until the next HR file"),
        mine=("head",),
        copy=("name",),
        left=("id", "parent", "head"),
    ),
    "participants.Grade": Held(STRUCTURE, left=("id", "name", "rank")),
    "participants.Site": Held(STRUCTURE, left=("id", "name", "time_zone")),
    "participants.Profession": Held(STRUCTURE, left=("id", "name")),
    "participants.Topic": Held(STRUCTURE, left=("id", "name", "name_en", "name_de", "is_active")),
    "participants.ColumnMapping": Held(STRUCTURE, left=("id", "key", "choice", "updated_at")),
    "participants.PeopleImport": Held(
        Apart("files that are kept are deleted; their remarks about the person go"),
        about=("requested_by",),
        left=(
            *("id", "requested_by", "requested_at", "handed_over_at", "attempts", "finished_at", "error"),
            *("state", "file", "file_name", "is_full", "columns", "choice", "language", "time_zone"),
            *("figures", "deactivate", "reactivate", "differs"),
        ),
    ),
    "participants.ImportRow": Held(
        Apart("go with the file"),
        rows=lambda person: Q(who=person.email),
        copy=("people_import__requested_at", "fate", "changes", "reason"),
        left=("id", "line", "who", "name", "is_news"),
    ),
    # --- Messages ---
    "notices.Notice": Held(
        Delete(),
        mine=("recipient",),
        copy=("created_at", "subject", "text", "sent_at", "read_at"),
        left=(
            *("id", "uuid", "recipient", "kind", "key", "language", "url", "label", "mail_url", "calendar"),
            *("pace", "meeting_at", "until", "in_inbox", "by_email", "digest", "due_at", "failed_at"),
            *("attempts", "claimed_by", "last_error"),
        ),
    ),
    "notices.ImmediateMail": Held(Delete(), mine=("person",), copy=("day",), left=("id", "person", "notice")),
    "notices.NoticePreference": Held(
        Delete(), mine=("person",), copy=("kind", "by_email", "in_inbox"), left=("id", "person")
    ),
    "notices.RefusedAddress": Held(
        Apart("goes with the address"),
        rows=lambda person: Q(email=person.email),
        copy=("email", "refused_at", "words"),
        left=("id",),
    ),
    # --- Programmes ---
    "programmes.Programme": Held(
        STRUCTURE,
        left=(
            *("id", "uuid", "form", "name", "name_en", "name_de", "summary", "summary_en", "summary_de"),
            *("asks_line_manager", "uses_offers", "offer_days", "smallest_group", "retention_months"),
            *("external_contact", "external_contact_en", "external_contact_de", "created_at"),
        ),
    ),
    "programmes.Cohort": Held(
        STRUCTURE,
        left=(
            *("id", "uuid", "programme", "name", "state", "enrolment_opens_on", "enrolment_closes_on"),
            *("starts_on", "ends_on", "time_zone", "meetings_planned", "weeks_between", "meeting_minutes"),
            *("check_in_weeks", "places", "created_at"),
        ),
    ),
    "programmes.Eligibility": Held(
        STRUCTURE, left=("id", "programme", "role", "lowest_grade", "highest_grade")
    ),
    "programmes.Objective": Held(
        STRUCTURE,
        left=(
            *("id", "programme", "statement", "statement_en", "statement_de", "measure", "dimension"),
            *("question", "question_en", "question_de", "baseline", "target", "due_on", "position"),
        ),
    ),
    "programmes.GroundRule": Held(
        STRUCTURE,
        left=("id", "programme", "kind", "text", "text_en", "text_de", "is_mandatory", "position"),
    ),
    "programmes.BriefingPage": Held(
        STRUCTURE,
        left=(
            *("id", "programme", "role", "title", "title_en", "title_de", "text", "text_en", "text_de"),
            *("question", "question_en", "question_de", "position"),
        ),
    ),
    "programmes.Wording": Held(
        STRUCTURE,
        left=("id", "programme", "kind", "subject_en", "text_en", "subject_de", "text_de"),
    ),
    "programmes.ProgrammeRole": Held(
        Delete(), mine=("person",), copy=("programme__name", "role"), left=("id", "person")
    ),
    "programmes.Invitation": Held(
        Keep("how many were asked, and came"),
        mine=("person",),
        copy=("cohort__name", "role", "created_at", "told_at", "declined_at"),
        left=("id", "uuid", "person"),
    ),
    "programmes.InvitationLink": Held(
        OFFICE,
        about=("created_by",),
        left=("id", "token", "cohort", "role", "expires_on", "created_by", "created_at", "revoked_at"),
    ),
    "programmes.InvitationRound": Held(
        OFFICE,
        about=("requested_by",),
        left=(
            *("id", "requested_by", "requested_at", "handed_over_at", "attempts", "finished_at", "error"),
            *("cohort", "role", "whom", "people", "state", "listed", "told"),
        ),
    ),
    "programmes.Enrolment": Held(
        Blank({"hopes": "", "weekly_hours": [], "step": ""}),
        mine=("person",),
        copy=(
            *("cohort__programme__name", "cohort__name", "role", "state", "capacity", "meets_remotely"),
            *("meets_on_site", "weekly_hours", "hopes", "applied_at", "decided_at", "briefed_at"),
            "briefing_waived",
        ),
        left=("id", "uuid", "person", "step", "saved_at", "may_return"),
    ),
    "programmes.Wish": Held(
        Delete(),
        mine=(ENROLLED,),
        found=(ENROLLED, "person"),
        copy=("enrolment__cohort__name", "person__name", "rank"),
        left=("id",),
    ),
    "programmes.Avoidance": Held(
        Delete(),
        mine=(ENROLLED,),
        found=(ENROLLED, "person"),
        copy=("enrolment__cohort__name", "person__name"),
        left=("id",),
    ),
    "programmes.BriefingStep": Held(
        Delete(),
        mine=(ENROLLED,),
        copy=("page__title", "thoughts", "done_at"),
        left=("id", "enrolment"),
    ),
    "programmes.TimeRequest": Held(
        Delete(),
        mine=(ENROLLED, "manager"),
        found=(ENROLLED,),
        copy=("enrolment__person__name", "manager__name", "capacity", "asked_at", "answer", "answered_at"),
        left=("id", "uuid"),
    ),
    # --- Matching ---
    "matching.MatchingPolicy": Held(
        STRUCTURE,
        left=(
            *("id", "programme", "aim", "line_reach", "reports_of_reports", "grade_gap", "other_unit"),
            *("other_profession", "language_level", "common_hours", "common_way", "same_site", "earlier"),
            *("suggestions", "weight_topics", "weight_hours", "weight_perspective", "weight_language"),
            *("weight_wishes", "weight_experience", "weight_waited", "group_mentors", "group_least"),
            "group_most",
        ),
    ),
    "matching.MatchRun": Held(
        Apart("what the run went by is deleted, and why the person was left out"),
        about=("requested_by",),
        left=(
            *("id", "uuid", "cohort", "state", "requested_by", "requested_at", "handed_over_at", "attempts"),
            *("started_at", "finished_at", "error", "snapshot", "outcome", "inputs", "trial", "move_price"),
            "revision",
        ),
    ),
    "matching.Proposal": Held(
        Delete(),
        found=("mentor__person", "mentee__person"),
        left=(
            *("id", "uuid", "run", "mentor", "mentee", "score", "breakdown", "is_locked", "by_hand"),
            *("overrides", "reason", "dropped_at"),
        ),
    ),
    "matching.ProposedGroup": Held(
        Apart("what the person brought is taken out"), left=("id", "run", "theme", "score", "breakdown")
    ),
    "matching.Seat": Held(Delete(), found=(ENROLLED,), left=("id", "group", "enrolment", "role")),
    "matching.Step": Held(
        Apart("the name is taken out"),
        about=("by",),
        left=("id", "run", "kind", "people", "by", "at", "before", "undone_at"),
    ),
    "matching.Block": Held(
        Delete(),
        found=("first", "second"),
        about=("created_by",),
        left=("id", "programme", "first", "second", "reason", "created_by"),
    ),
    "matching.GroupDecision": Held(
        Delete(),
        found=("enrolment__person", "others__person"),
        about=("by",),
        left=(
            *("id", "cohort", "run", "kind", "enrolment", "block", "reason", "by", "at", "before"),
            "undone_at",
        ),
    ),
    "matching.Departure": Held(
        Delete(), mine=("person",), copy=("programme__name", "noticed_at"), left=("id", "person")
    ),
    "matching.Request": Held(
        Apart("what they wrote goes; what others wrote to them stays, without what they bring"),
        mine=("asker__person", "asked__person"),
        annotated=own_words_of_a_request,
        copy=("asker__person__name", "asked__person__name", "own_message", "state", "asked_at", "settled_at"),
        left=("id", "uuid", "message", "breakdown", "mentorship"),
    ),
    "matching.Mentorship": Held(
        Blank({"staff_reason": ""}),
        found=("members__enrolment__person",),
        left=(
            *("id", "uuid", "cohort", "proposal", "proposed_group", "state", "topic", "created_at"),
            *("offered_at", "confirmed_at", "activated_at", "paused_at", "closed_at", "staff_reason"),
        ),
    ),
    "matching.Member": Held(
        Keep("meetings and the figures of groups hang on it"),
        mine=(ENROLLED,),
        copy=(
            *("mentorship__cohort__name", "mentorship__topic", "mentorship__state", "role"),
            *("mentorship__confirmed_at", "mentorship__closed_at", "accepted_at", "declined_at"),
            *("left_at", "rests_since"),
        ),
        left=("id", "enrolment"),
    ),
    # --- What is said in a mentorship ---
    "agreements.Agreement": Held(
        Keep("the others signed it, too"), left=("id", "uuid", "mentorship", "created_at")
    ),
    "agreements.Version": Held(
        Keep("the others signed it, too"),
        mine=("created_by__enrolment__person",),
        copy=("agreement__mentorship__cohort__name", "number", "created_at"),
        left=("id", "created_by"),
    ),
    "agreements.Clause": Held(
        Keep("the others signed it, too"),
        mine=("version__created_by__enrolment__person",),
        copy=("version__agreement__mentorship__cohort__name", "version__number", "kind", "text", "is_struck"),
        left=("id", "ground_rule", "original", "language", "is_mandatory", "position"),
    ),
    "agreements.Signature": Held(
        Keep("that all signed"),
        mine=(MEMBER,),
        copy=("version__agreement__mentorship__cohort__name", "version__number", "signed_at"),
        left=("id", "member"),
    ),
    "meetings.Meeting": Held(
        Blank({"agenda": "", "place": "", "link": ""}),
        rows=meetings_seen,
        found=("planned_by",),
        about=("cancelled_by",),
        copy=("mentorship__cohort__name", "starts_at", "ends_at", "place", "link", "agenda", "cancelled_at"),
        left=("id", "uuid", "request_key", "sequence", "planned_by", "planned_at", "cancelled_by"),
    ),
    "meetings.MeetingChange": Held(
        Keep("how late meetings are moved"),
        mine=("by",),
        about=("on_behalf_of",),
        copy=("kind", "at", "starts_at"),
        left=("id", "meeting", "by", "on_behalf_of"),
    ),
    "meetings.Confirmation": Held(
        Keep("that a meeting was held"),
        mine=(MEMBER,),
        copy=("meeting__starts_at", "answer", "answered_at"),
        left=("id", "member"),
    ),
    "meetings.MeetingLog": Held(
        Delete(),
        mine=(MEMBER,),
        copy=(
            *("meeting__starts_at", "topics", "progress", "challenges", "successes", "created_at"),
            *("updated_at", "is_draft"),
        ),
        left=("id", "member", "revision", "editor", "edit"),
    ),
    "meetings.NextStep": Held(
        Delete(),
        mine=(MEMBER,),
        copy=("meeting__starts_at", "text", "created_at", "done_at", "is_draft"),
        left=("id", "uuid", "member"),
    ),
    "meetings.PrivateNote": Held(
        Delete(),
        mine=(MEMBER,),
        copy=("meeting__starts_at", "text", "updated_at"),
        left=("id", "member"),
    ),
    "meetings.Resource": Held(
        Delete(),
        mine=(MEMBER,),
        copy=("id", "title", "link", "file_name", "size", "shared_at"),
        left=("uuid", "mentorship", "meeting", "member", "file"),
    ),
    "meetings.CalendarFeed": Held(
        Delete(), mine=("person",), copy=("created_at", "read_at"), left=("id", "person", "key")
    ),
    "goals.Goal": Held(
        Blank({"title": "–"}),
        mine=("owner__enrolment__person", "set_by__enrolment__person"),
        found=("owner__enrolment__person",),
        copy=(
            *("mentorship__cohort__name", "title", "weight", "baseline", "state", "set_at"),
            "closed_at",
        ),
        left=("id", "uuid", "owner", "objective", "set_by"),
    ),
    "goals.GoalLevel": Held(
        Delete(),
        mine=("goal__owner__enrolment__person", "goal__set_by__enrolment__person"),
        found=("goal__owner__enrolment__person",),
        copy=("goal__title", "level", "description"),
        left=("id",),
    ),
    "goals.GoalChange": Held(
        Apart("what they proposed goes, unless it became the words of a shared goal"),
        mine=("proposed_by__enrolment__person",),
        about=("agreed_by",),
        copy=("goal__title", "before", "after", "reason", "state", "proposed_at", "decided_at"),
        left=("id", "uuid", "proposed_by"),
    ),
    "goals.CheckIn": Held(
        Blank({"comment": "", "obstacle": ""}),
        mine=(MEMBER,),
        copy=("goal__title", "due_on", "level", "comment", "obstacle", "reported_at"),
        left=("id", "member"),
    ),
    "feedback.Feedback": Held(
        Delete(),
        rows=received_feedback,
        found=("author__enrolment__person",),
        about=("recipient",),
        copy=(
            *("author__enrolment__person__name", "recipient__enrolment__person__name", "helped", "to_try"),
            *("written_at", "edited_at"),
        ),
        left=("id", "uuid", "mentorship", "request_key"),
    ),
    "feedback.TopicOffer": Held(
        Delete(),
        mine=(MEMBER,),
        about=("taken_up_by",),
        copy=("title", "note", "state", "offered_at", "taken_up_at"),
        left=("id", "uuid", "mentorship", "member", "request_key", "taken_up_by"),
    ),
    "endings.Farewell": Held(
        Delete(),
        mine=(MEMBER,),
        copy=("thanks", "stays_in_touch", "written_at"),
        left=("id", "member"),
    ),
    "endings.LookBack": Held(
        Keep("how many answered, never what"),
        mine=(ENROLLED,),
        copy=("enrolment__cohort__name", "asked_on", "is_answered"),
        left=("id", "uuid"),
    ),
    "endings.Again": Held(NO_WAY_BACK, left=("id", "cohort", "role", "answer")),
    # --- Somebody to talk to ---
    "concerns.Concern": Held(
        Apart("its words go; its readers settle it"),
        mine=("raised_by",),
        about=("confidant",),
        copy=(
            *("programme__name", "topic", "urgency", "text", "may_contact", "contact", "state"),
            *("confidant__name", "raised_at", "taken_at", "settled_at"),
        ),
        left=("id", "uuid", "mentorship", "raised_by", "request_key", "waits_since"),
    ),
    "concerns.Reader": Held(
        Keep("who may settle what is left of it"),
        mine=("concern__raised_by",),
        about=("person", "handed_over_by"),
        copy=("person__name", "since", "handed_over_by__name"),
        left=("id", "concern"),
    ),
    "concerns.ConcernMessage": Held(
        Delete(),
        mine=("concern__raised_by",),
        about=("author",),
        copy=("author__name", "text", "written_at"),
        left=("id", "concern", "request_key"),
    ),
    # --- Question rounds and figures ---
    "pulses.InvitationToAnswer": Held(
        Keep("how many answered, never what"),
        mine=(ENROLLED,),
        copy=("wave__cohort__name", "wave__kind", "closes_on", "is_answered"),
        left=("id", "uuid", "enrolment"),
    ),
    "pulses.Wave": Held(STRUCTURE, left=("id", "cohort", "kind", "number", "opens_on", "closes_on")),
    "pulses.Response": Held(NO_WAY_BACK, left=("id", "wave", "role")),
    "pulses.Answer": Held(NO_WAY_BACK, left=("id", "response", "question", "value")),
    "pulses.OwnQuestion": Held(STRUCTURE, left=("id", "programme", "text", "text_en", "text_de", "position")),
    "insights.Release": Held(
        Delete(),
        found=("reader",),
        left=("id", "cohort", "reader", "gates", "figures", "checked_at"),
    ),
    "insights.ReleasedPerson": Held(
        RELEASED,
        mine=("person",),
        copy=("cohort__name", "role", "unit__name", "grade__name", "site__name"),
        left=("id", "key", "person", "step", "was_offered", "took", "again"),
    ),
    "insights.ReleasedMember": Held(RELEASED, left=("id", "role", "unit", "grade", "site", "mentorship")),
    "insights.ReleasedMentorship": Held(RELEASED, left=("id", "cohort", "key", "health", "is_expected")),
    "insights.ReleasedTally": Held(
        RELEASED, left=("id", "cohort", "mentorship", "section", "kind", "month", "number")
    ),
    "insights.ReleasedSum": Held(RELEASED, left=("id", "cohort", "kind", "month", "number", "behind")),
    "insights.Headcount": Held(STRUCTURE, left=("id", "unit", "grade", "site", "number")),
}
