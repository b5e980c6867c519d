"""What needs the attention of HR or a coordinator: the start page of the admin site."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concerns.queries import weeks_waited, without_confidant
from domain import dates
from matching.models import MatchRun, Member, Mentorship, Proposal
from mentoring import refused, stalled
from mentoring.personal.requests import answer_by
from mentoring.unsigned import met_twice
from participants.models import ErasureRequest, Grade, Person
from programmes.models import Cohort, Enrolment, InvitationRound, Programme, ProgrammeRole

UNSIGNED = timedelta(days=14)
LISTED = 200  # a link has to stay short


@dataclass(frozen=True)
class Item:
    title: str
    text: str
    url: str
    label: str
    """The verb on its link."""


def attention(person: Person, at: datetime | None = None) -> list[Item]:
    """What waits for a decision first, then what may need help. A constant number of queries."""
    at = at or timezone.now()
    items = [
        *set_up(person),
        *erasures(person, at),
        *cohorts(person, at),
        *mentorships(person, at),
        *concerns(person, at),
        *programmes(person),
    ]
    return items + list(undeliverable(person))


def changelist(model: str, **filters: object) -> str:
    query = "&".join(f"{key}={value}" for key, value in filters.items())
    return reverse(f"admin:{model}_changelist") + (f"?{query}" if query else "")


def set_up(person: Person) -> Iterator[Item]:
    if not person.is_hr_admin:
        return
    if not Programme.objects.exists():
        yield Item(
            _("Set up your first programme"),
            _(
                "A preset brings objectives, ground rules and briefings in both languages. "
                "All of it is yours to change."
            ),
            reverse("admin:programmes_programme_from_preset"),
            _("Choose a preset"),
        )
    unordered = Grade.objects.filter(rank=None).count()
    if unordered:
        yield Item(
            _("Put the grades in order"),
            ngettext(
                "%(count)d grade has no place in the order yet. Nothing is matched before.",
                "%(count)d grades have no place in the order yet. Nothing is matched before.",
                unordered,
            )
            % {"count": unordered},
            changelist("participants_grade"),
            _("Order them"),
        )


def erasures(person: Person, at: datetime) -> Iterator[Item]:
    if not person.is_hr_admin:
        return
    asked = ErasureRequest.objects.aggregate(count=Count("pk"), oldest=Min("asked_at"))
    if asked["count"]:
        yield Item(
            ngettext(
                "%(count)d person asks to be erased", "%(count)d people ask to be erased", asked["count"]
            )
            % asked,
            _("The law gives you a month to answer: the first until %(day)s.")
            % {"day": dates.day(answer_by(asked["oldest"]))},
            reverse("erasures"),
            _("See who"),
        )


def programmes(person: Person) -> Iterator[Item]:
    """Those that cannot go on by themselves: without a cohort, or running without anybody to confide in."""
    roles = ProgrammeRole.objects.confidants().filter(programme=OuterRef("pk"))
    live = Cohort.objects.filter(programme=OuterRef("pk")).exclude(
        state__in=[Cohort.State.DRAFT, Cohort.State.CLOSED, Cohort.State.ARCHIVED]
    )
    found = Programme.objects.managed_by(person).annotate(
        cohort_count=Count("cohorts"),
        has_confidant=Exists(roles),
        is_live=Exists(live),
    )
    unheard = without_confidant(Programme.objects.managed_by(person))
    for programme in found:
        here = reverse("admin:programmes_programme_change", args=[programme.pk])
        if not programme.cohort_count:
            yield Item(
                _("%(programme)s has no cohort yet") % {"programme": programme},
                _("Its page says what is missing, step by step."),
                here,
                _("Go on setting it up"),
            )
        elif programme.is_live and not programme.has_confidant:
            yield Item(
                _("%(programme)s has no confidant") % {"programme": programme},
                _("People who need somebody to talk to find nobody there."),
                f"{here}#roles",
                _("Name one"),
            )
        elif programme.is_live and (count := unheard.get(programme.pk)):
            yield Item(
                _("%(programme)s needs another confidant") % {"programme": programme},
                ngettext(
                    "In %(count)d mentorship no confidant can listen: each is a member, or in a member’s"
                    " reporting line. Name somebody from another line.",
                    "In %(count)d mentorships no confidant can listen: each is a member, or in a member’s"
                    " reporting line. Name somebody from another line.",
                    count,
                )
                % {"count": count},
                f"{here}#roles",
                _("Name one"),
            )
    failed = InvitationRound.objects.filter(
        state=InvitationRound.State.FAILED, cohort__in=Cohort.objects.managed_by(person)
    ).select_related("cohort__programme")
    for round in failed:
        yield Item(
            _("Inviting to %(cohort)s was interrupted") % {"cohort": round.cohort},
            round.error,
            reverse("admin:programmes_cohort_round", args=[round.pk]),
            _("Go on"),
        )


def cohorts(person: Person, at: datetime) -> Iterator[Item]:
    proposals = Proposal.objects.filter(run__cohort=OuterRef("pk"), run__state=MatchRun.State.FINISHED)
    found = (
        Cohort.objects.managed_by(person)
        .exclude(state__in=[Cohort.State.CLOSED, Cohort.State.ARCHIVED])
        .select_related("programme")
        .annotate(
            undecided=Count(
                "enrolments",
                filter=Q(enrolments__in=Enrolment.objects.undecided()),
                distinct=True,
            ),
            accepted=Count(
                "enrolments",
                filter=Q(enrolments__state=Enrolment.State.ACCEPTED),
                distinct=True,
            ),
            was_run=Exists(proposals),
            has_mentorships=Exists(Mentorship.objects.filter(cohort=OuterRef("pk"))),
        )
        .order_by("starts_on", "pk")
    )
    for cohort in found:
        here = reverse("admin:programmes_cohort_change", args=[cohort.pk])
        names = {
            "cohort": str(cohort),
            "count": cohort.accepted,
            "day": dates.day(cohort.enrolment_closes_on),
        }
        if cohort.undecided:
            yield Item(
                ngettext(
                    "%(count)d enrolment waits for your decision",
                    "%(count)d enrolments wait for your decision",
                    cohort.undecided,
                )
                % {"count": cohort.undecided},
                str(cohort),
                changelist(
                    "programmes_enrolment",
                    cohort__id__exact=cohort.pk,
                    state__exact=Enrolment.State.APPLIED,
                ),
                _("Decide"),
            )
        if cohort.state == Cohort.State.DRAFT:
            yield Item(
                _("%(cohort)s is still a draft") % names,
                _("Check its dates and rhythm, then open the enrolment."),
                here,
                _("Look at it"),
            )
        elif cohort.state == Cohort.State.ENROLLING and cohort.is_informal:
            if cohort.starts_on <= cohort.today(at):
                yield Item(
                    _("%(cohort)s can start") % names,
                    _("%(count)d people are in. Once it runs they find each other in its directory.") % names,
                    here,
                    _("Start it"),
                )
        elif cohort.state == Cohort.State.ENROLLING and cohort.enrolment_closes_on < cohort.today(at):
            yield Item(
                _("%(cohort)s can be matched") % names,
                _("Its enrolment closed on %(day)s. %(count)d people are in.") % names,
                here,
                _("Begin the matching"),
            )
        elif cohort.state == Cohort.State.MATCHING and not cohort.was_run:
            yield Item(
                _("%(cohort)s waits for its matching") % names,
                _("%(count)d people are in. A run takes moments, and confirms nobody by itself.") % names,
                changelist("matching_matchrun"),
                _("Run the matching"),
            )
        elif cohort.state == Cohort.State.MATCHING and not cohort.has_mentorships:
            yield Item(
                _("%(cohort)s has proposals to look at") % names,
                _("Each comes with its reasons. Nobody is told before you confirm."),
                changelist("matching_matchrun"),
                _("Look at them"),
            )
        elif cohort.state == Cohort.State.MATCHING and cohort.starts_on <= cohort.today(at):
            yield Item(
                _("%(cohort)s can start") % names,
                _("Its first day has come, and its mentorships are confirmed."),
                here,
                _("Start it"),
            )
        elif cohort.state == Cohort.State.RUNNING and cohort.ends_on < cohort.today(at):
            yield Item(
                _("%(cohort)s has reached its end") % names,
                _("Closing it completes its course; nothing is deleted."),
                here,
                _("Close it"),
            )


def mentorships(person: Person, at: datetime) -> Iterator[Item]:
    running = Mentorship.objects.managed_by(person).filter(cohort__state=Cohort.State.RUNNING)
    unsigned = list(
        running.filter(state=Mentorship.State.CONFIRMED)
        .filter(Q(confirmed_at__lte=at - UNSIGNED) | Q(pk__in=met_twice()))
        .order_by("confirmed_at", "pk")
        .values_list("pk", flat=True)
    )
    if unsigned:
        yield Item(
            ngettext(
                "%(count)d mentorship has not signed its agreement",
                "%(count)d mentorships have not signed their agreement",
                len(unsigned),
            )
            % {"count": len(unsigned)},
            _(
                "They were confirmed more than two weeks ago, or have met twice already. "
                "A friendly word often helps."
            ),
            changelist("matching_mentorship", id__in=",".join(map(str, unsigned[:LISTED]))),
            _("See which"),
        )
    quiet = stalled.managed_by(person, at).count()
    if quiet:
        yield Item(
            ngettext(
                "%(count)d mentorship has come to a stand",
                "%(count)d mentorships have come to a stand",
                quiet,
            )
            % {"count": quiet},
            _("See what has been tried, and what may help next."),
            reverse("stalled"),
            _("See which"),
        )
    yield from returned(person)
    matched = Cohort.objects.managed_by(person).exclude(programme__form=Programme.Form.INFORMAL)
    alone = (
        Enrolment.objects.accepted()
        .filter(cohort__in=matched.filter(state=Cohort.State.RUNNING), person__is_active=True)
        .exclude(Exists(Member.objects.current().filter(enrolment=OuterRef("pk"))))
        .count()
    )
    if alone:
        yield Item(
            ngettext("%(count)d person has nobody", "%(count)d people have nobody", alone) % {"count": alone},
            _("They were accepted and are in no mentorship now. Match again, and see why nobody is left."),
            changelist("matching_matchrun"),
            _("Match them"),
        )


def returned(person: Person) -> Iterator[Item]:
    """Offers that came back in a cohort not yet running; in a running one its members are among the alone."""
    gone = Mentorship.objects.managed_by(person).filter(
        state=Mentorship.State.DECLINED,
        cohort__state=Cohort.State.MATCHING,
        members__enrolment__in=Enrolment.objects.accepted()
        .filter(person__is_active=True)
        .exclude(Exists(Member.objects.current().filter(enrolment=OuterRef("pk")))),
    )
    count = gone.distinct().count()
    if count:
        yield Item(
            ngettext("%(count)d offer came back", "%(count)d offers came back", count) % {"count": count},
            _("Declined, not answered in time or withdrawn. Who is free again can be matched anew."),
            changelist("matching_matchrun"),
            _("Match again"),
        )


def concerns(person: Person, at: datetime) -> Iterator[Item]:
    """For how many whole weeks one waits: never how many there are, what was said, or by whom."""
    weeks = max(weeks_waited(Programme.objects.managed_by(person), at).values(), default=0)
    if weeks:
        yield Item(
            ngettext(
                "A concern has waited for %(weeks)d week",
                "A concern has waited for %(weeks)d weeks",
                weeks,
            )
            % {"weeks": weeks},
            _("Only its readers know what it says. Ask your confidants whether they need help."),
            changelist("programmes_programme"),
            _("See who the confidants are"),
        )


def undeliverable(person: Person) -> Iterator[Item]:
    found = refused.unreachable(person).aggregate(people=Count("pk"), latest=Max("refused_at"))
    if found["people"]:
        yield Item(
            ngettext(
                "Mail does not reach %(count)d person",
                "Mail does not reach %(count)d people",
                found["people"],
            )
            % {"count": found["people"]},
            _("Their address refused it, last on %(day)s. They still find everything in the product.")
            % {"day": dates.day(found["latest"])},
            reverse("refused"),
            _("See which addresses"),
        )
