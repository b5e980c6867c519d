"""Where a person is named in words that are not theirs: messages to others, the history of the admin site, HR
files, match runs, sessions. Found by name, address and number, and taken out."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone, translation
from django.utils.translation import gettext
from icalendar import Calendar

from matching.models import MatchRun, Member, ProposedGroup, Request, Step
from notices.models import Notice, NoticeQuerySet
from participants import imports
from participants.models import Delegation, ImportRow, PeopleImport, Person
from participants.models.person import FORMER, NOWHERE
from programmes.models import Enrolment, ProgrammeRole, TimeRequest

# A word that is no part of another, in Python and in PostgreSQL.
ALONE = r"(?<!\w)(?:%s)(?!\w)"


def take_out(person: Person, by: Person) -> None:
    """Before the person's own row is emptied: afterwards nobody knows what to look for."""
    forget_messages(person)
    forget_in_history(person, by)
    forget_in_files(person)
    forget_in_runs(person)
    sign_out(person)


def words_of(person: Person) -> list[str]:
    """What leads to them wherever it stands."""
    return [person.name, person.email]


def swapped(instead: Mapping[str, str]) -> Callable[[str], str]:
    """Puts something else in the place of each word, where it stands by itself."""
    words = "|".join(re.escape(word) for word in sorted(instead, key=len, reverse=True))
    pattern = re.compile(ALONE % words)
    return lambda text: pattern.sub(lambda found: instead[found[0]], text)


def unnamed(person: Person, former: str) -> dict[str, str]:
    return {person.name: former, person.email: f"former{NOWHERE}"}


def naming(words: Iterable[str]) -> Q:
    """Rows in whose `words` one of these stands by itself. Looking for letters first costs a tenth."""
    found = Q()
    for word in words:
        found |= Q(words__contains=word) & Q(words__regex=ALONE % re.escape(word))
    return found


# --- Messages to others ----------------------------------------------------------------


def messages_naming(person: Person) -> NoticeQuerySet:
    """To others: by full name or address wherever they are, by first name among those around them."""
    near = Q(recipient__in=around(person))
    namesakes = Person.objects.filter(name=person.name).exclude(pk=person.pk)
    whole = naming(words_of(person)) & (near if namesakes.exists() else Q())
    called = near & naming([person.first_name])
    # RFC 5545 breaks lines wherever they grow too long, within a name too.
    unfolded = Func(F("calendar"), Value("\r\n "), Value(""), function="replace", output_field=TextField())
    words = Concat("subject", Value(" "), "text", Value(" "), "label", unfolded, output_field=TextField())
    return Notice.objects.alias(words=words).exclude(recipient=person).filter(whole | called)


def around(person: Person) -> set[int]:
    """Everybody who can have been told of them: with whom they are or were, who looks after their programmes,
    who plans for them or was asked about them."""
    together = Member.of_all_time.filter(enrolment__person=person).values("mentorship")
    members = Person.objects.filter(enrolments__memberships__mentorship__in=together)
    enrolments = Enrolment.objects.filter(person=person)
    groups: list[QuerySet[Any]] = [
        members.values_list("pk"),
        Delegation.objects.filter(Q(person__in=members) | Q(person=person)).values_list("delegate"),
        Delegation.objects.filter(delegate=person).values_list("person"),
        Member.of_all_time.filter(
            mentorship__members__enrolment__person__delegations__delegate=person
        ).values_list("enrolment__person"),
        ProgrammeRole.objects.filter(programme__cohorts__enrolments__in=enrolments).values_list("person"),
        Person.objects.filter(is_hr_admin=True).values_list("pk"),
        TimeRequest.objects.filter(enrolment__in=enrolments).values_list("manager"),
        TimeRequest.objects.filter(manager=person).values_list("enrolment__person"),
        Request.objects.filter(asker__in=enrolments).values_list("asked__person"),
        Request.objects.filter(asked__in=enrolments).values_list("asker__person"),
        Person.objects.filter(manager=person).values_list("pk"),
        Person.objects.filter(pk=person.manager_id).values_list("pk"),
    ]
    return {pk for group in groups for (pk,) in group}


def forget_messages(person: Person) -> None:
    """What was delivered goes. What is on its way may tell somebody of an end: it goes without the name."""
    found = messages_naming(person)
    waiting = list(found.undelivered())
    found.exclude(pk__in=[notice.pk for notice in waiting]).delete()
    for notice in waiting:
        with translation.override(notice.language):
            former = gettext(FORMER)
        swap = swapped({person.first_name: former, **unnamed(person, former)})
        calendar = swap(notice.calendar.replace("\r\n ", ""))
        Notice.objects.filter(pk=notice.pk).update(
            subject=swap(notice.subject)[:200],
            text=swap(notice.text),
            label=swap(notice.label)[:100],
            calendar=calendar and Calendar.from_ical(calendar).to_ical(sorted=False).decode(),
        )


# --- The history of the admin site -----------------------------------------------------


def history_naming(person: Person) -> QuerySet[LogEntry]:
    """Also in messages that lie as JSON, where letters beyond ASCII are written as numbers. What was done to
    somebody else of the same name stays theirs."""
    words = {form for word in words_of(person) for form in (word, escaped(word))}
    others = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Person)).exclude(
        object_id=str(person.pk)
    )
    text = Concat("object_repr", Value(" "), "change_message", output_field=TextField())
    return (
        LogEntry.objects.alias(words=text)
        .filter(naming(words))
        .exclude(pk__in=others.filter(object_repr=person.name).values("pk"))
    )


def escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def forget_in_history(person: Person, by: Person) -> None:
    """That something was done stays, and who did it."""
    with translation.override(by.language):
        instead = unnamed(person, gettext(FORMER))
    swap = swapped({escaped(word): escaped(former) for word, former in instead.items()} | instead)
    for entry in history_naming(person):
        LogEntry.objects.filter(pk=entry.pk).update(
            object_repr=swap(entry.object_repr)[:200], change_message=swap(entry.change_message)
        )


# --- HR files --------------------------------------------------------------------------


def kept_files() -> QuerySet[PeopleImport]:
    """None is read or taken at this moment: erasing waits for that."""
    return PeopleImport.objects.exclude(file="").exclude(state__in=PeopleImport.WORKING)


def forget_in_files(person: Person) -> None:
    State = PeopleImport.State
    for one in kept_files():
        if one.state in (State.UPLOADED, State.PREVIEWED, State.FAILED):
            imports.cancel(people_import=one)
        else:
            one.forget()
    ImportRow.objects.filter(who__iexact=person.email).delete()
    unnamed_in = swapped(unnamed(person, ""))
    for one in PeopleImport.objects.exclude(figures={}):
        remarks = one.figures.get("remarks", [])
        kept = [r for r in remarks if unnamed_in(text := f"{r['who']} {r['text']}") == text]
        if kept != remarks:
            PeopleImport.objects.filter(pk=one.pk).update(figures={**one.figures, "remarks": kept})


# --- Match runs ------------------------------------------------------------------------


def forget_in_runs(person: Person) -> None:
    """What a run went by holds what everybody in it brings, so it goes as a whole: its proposals stay, and so
    does the proof that it was the best, without the means to do it again."""
    enrolments = dict(Enrolment.objects.filter(person=person).values_list("pk", "cohort"))
    runs = MatchRun.objects.filter(cohort__in=set(enrolments.values()))
    runs.exclude(inputs=None).update(inputs=None)
    for run in runs.exclude(outcome={}).only("outcome"):
        left = run.outcome.get("left_out", [])
        kept = [entry for entry in left if entry.get("enrolment") not in enrolments]
        if kept != left:
            MatchRun.objects.filter(pk=run.pk).update(outcome={**run.outcome, "left_out": kept})
    swap = swapped({person.name: "–"})
    for step in Step.objects.filter(run__in=runs, people__contains=person.name):
        Step.objects.filter(pk=step.pk).update(people=swap(step.people))
    for group in ProposedGroup.objects.filter(seats__enrolment__in=enrolments):
        facts = group.breakdown.get("facts", {})
        for side in ("mentors", "mentees"):
            facts[side] = [row for row in facts.get(side, []) if row.get("enrolment") not in enrolments]
        group.save(update_fields=["breakdown"])


# --- Sessions --------------------------------------------------------------------------


def sign_out(person: Person) -> None:
    """On every device. A session of somebody who is asked for a code may hold the address too."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    theirs = []
    for session in Session.objects.iterator(chunk_size=2000):
        held = session.get_decoded()
        is_theirs = held.get("_auth_user_id") == str(person.pk) or person.email in json.dumps(held)
        # What an older key signed cannot be read, and is of no use to anybody.
        if is_theirs or not held:
            theirs.append(session.pk)
    Session.objects.filter(pk__in=theirs).delete()
