"""What happened at Nordhafen, told by the actions people use, each at its time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random

from django.db.models import F

import endings.actions
import endings.course
import matching.actions
import programmes.actions
import pulses.actions
from endings.models import Again, LookBack
from insights import release
from matching.models import Mentorship
from mentoring.demo import circles, together, words
from mentoring.demo.company import Company, count_anew, rank_of
from mentoring.personal import requests
from notices.models import Notice
from participants.models import Person
from programmes.models import Cohort, Enrolment, Programme, ProgrammeRole, Role, Wish
from pulses.models import InvitationToAnswer, Wave
from pulses.questions import questions_for

WEEK = timedelta(weeks=1)


@dataclass
class Story:
    company: Company
    now: datetime

    @property
    def random(self) -> Random:
        return self.company.random

    def tell(self) -> None:
        self.hr = self.company.named("Helene Brandt")
        Person.objects.filter(pk=self.hr.pk).update(is_hr_admin=True)
        self.hr.is_hr_admin = True
        reverse = self.programme("reverse", "Reverse Mentoring", "Reverse Mentoring")
        formal = self.programme("formal", "First Time Leading", "Zum ersten Mal führen")
        self.closed(reverse)
        self.in_full_swing(reverse)
        self.enrolling(formal)
        self.next_one(reverse)
        circles.informal(self)
        circles.groups(self)
        self.wish_to_be_erased()
        settle_past_notices(self.now)
        release.refresh(self.now)

    def programme(self, preset: str, name_en: str, name_de: str) -> Programme:
        programme = programmes.actions.create_from_preset(
            preset=preset, by=self.hr, name=name_en, name_de=name_de, at=self.now - 80 * WEEK
        )
        contact = {"external_contact_en": words.OMBUDS_EN, "external_contact_de": words.OMBUDS_DE}
        Programme.objects.filter(pk=programme.pk).update(**contact)
        for name, role in (
            ("Tomás Ferreira", ProgrammeRole.Kind.COORDINATOR),
            ("Nadia Okafor", ProgrammeRole.Kind.CONFIDANT),
            ("Ingrid Solberg", ProgrammeRole.Kind.SPONSOR),
        ):
            ProgrammeRole.objects.create(programme=programme, person=self.company.named(name), role=role)
        return programme

    # --- Three cohorts -----------------------------------------------------------------

    def closed(self, programme: Programme) -> None:
        start = monday(self.now - 60 * WEEK)
        cohort = self.cohort(programme, "2025", start, weeks=26)
        juniors, seniors = self.pick(14, 1, 2, 3, 4), self.pick(14, 6, 7)
        mentorships = self.open_and_match(cohort, juniors, seniors)
        for number, mentorship in enumerate(mentorships):
            together.course(
                self,
                mentorship,
                cohort,
                meetings_held=6 if number % 4 else 4,
                until=self.end_of(cohort),
            )
        self.pulse(cohort, Wave.Kind.START, start, 0.9, 0.0)
        self.pulse(cohort, Wave.Kind.MIDDLE, start + 13 * WEEK, 0.8, 0.4)
        self.pulse(cohort, Wave.Kind.END, start + 25 * WEEK, 0.75, 0.8)
        end = self.end_of(cohort)
        for mentorship, thanks in zip(mentorships, cycle(words.THANKS), strict=False):
            matching.actions.complete(mentorship=mentorship, at=end)
            for member, said in zip(mentorship.members.all(), thanks, strict=True):
                endings.actions.say_farewell(member=member, thanks=said, stays_in_touch=True, at=end)
        programmes.actions.close(cohort=cohort, by=self.hr, at=end)
        self.look_back(end + 5 * WEEK)

    def wish_to_be_erased(self) -> None:
        """Somebody who took part a year ago and in nothing since."""
        since = Enrolment.objects.exclude(cohort__state=Cohort.State.CLOSED).values("person")
        once = Enrolment.objects.filter(cohort__state=Cohort.State.CLOSED).exclude(person__in=since)
        requests.ask(person=once.order_by("pk")[0].person, at=self.now - timedelta(days=4))

    def look_back(self, at: datetime) -> None:
        """Most have said whether they would do it again; some are still asked."""
        endings.course.ask_to_look_back(at)
        for number, asked in enumerate(LookBack.objects.select_related("enrolment__cohort").order_by("pk")):
            if number % 5:
                answer = Again.Answer.UNSURE if number % 7 == 0 else Again.Answer.SAME
                endings.actions.look_back(asked=asked, answer=answer)

    def in_full_swing(self, programme: Programme) -> None:
        start = monday(self.now - 15 * WEEK)
        cohort = self.cohort(programme, "2026", start, weeks=26)
        aylin, martin = (
            self.company.named("Aylin Kaya"),
            self.company.named("Dr. Martin Vogel"),
        )
        juniors = [aylin, *self.pick(27, 1, 2, 3, 4)]
        seniors = [martin, *self.pick(25, 5, 6, 7)]
        mentorships = self.open_and_match(cohort, juniors, seniors)
        self.pulse(cohort, Wave.Kind.START, start, 0.9, 0.1)
        for number, mentorship in enumerate(mentorships):
            if mentorship.member_for(aylin):
                together.course(self, mentorship, cohort, meetings_held=3, until=self.now)
                together.wait_for_an_answer(self, mentorship)
                continue
            match number % 8:
                case 1:
                    together.course(self, mentorship, cohort, meetings_held=1, until=self.now)
                case 3:
                    together.course(self, mentorship, cohort, meetings_held=2, until=self.now)
                    together.plan_ahead(self, mentorship, days=6)
                case 5:
                    together.course(self, mentorship, cohort, meetings_held=0, until=self.now)
                case _:
                    together.course(self, mentorship, cohort, meetings_held=3, until=self.now)
                    together.plan_ahead(self, mentorship, days=3 + number % 9)
        paused, ended = mentorships[-2], mentorships[-1]
        if not (paused.member_for(aylin) or ended.member_for(aylin)):
            matching.actions.pause(mentorship=paused, person=together.junior(paused), at=self.now - 2 * WEEK)
            matching.actions.end(mentorship=ended, person=together.junior(ended), at=self.now - 3 * WEEK)
        self.pulse(cohort, Wave.Kind.MIDDLE, self.now - WEEK, 0.7, 0.5, but={aylin.pk})
        together.confide(self, mentorships)

    def enrolling(self, programme: Programme) -> None:
        start = monday(self.now + 4 * WEEK)
        cohort = self.cohort(programme, "Spring 2027", start, weeks=26, opens=self.now - WEEK)
        cohort.places = 14
        cohort.save(update_fields=["places"])
        programmes.actions.open_enrolment(cohort=cohort, by=self.hr, at=self.now - WEEK)
        mentors, mentees = self.pick(30, 5, 6), self.pick(40, 3, 4)
        aylin = self.company.named("Aylin Kaya")
        for role, people in ((Role.MENTOR, mentors), (Role.MENTEE, [*mentees, aylin])):
            programmes.actions.invite(
                cohort=cohort,
                people=people,
                role=role,
                by=self.hr,
                at=self.now - 6 * WEEK / 7,
            )
            for number, person in enumerate(people):
                if number % 5 < 2 and person != aylin:
                    self.enrol(cohort, person, role, self.now - timedelta(days=5 - number % 5))
                elif number % 10 == 3 and person != aylin:
                    programmes.actions.begin(
                        cohort=cohort, person=person, role=role, at=self.now - timedelta(days=number % 4)
                    )
        programmes.actions.make_link(cohort=cohort, role=Role.MENTEE, by=self.hr, at=self.now - WEEK)
        self.ask_a_line_manager(programme, cohort)

    def ask_a_line_manager(self, programme: Programme, cohort: Cohort) -> None:
        """From now on the programme asks; somebody who reports to Martin waits for his word."""
        programme.asks_line_manager = True
        programme.save(update_fields=["asks_line_manager"])
        martin = self.company.named("Dr. Martin Vogel")
        known = {name for _role, name in words.SIGN_INS}
        reports = martin.direct_reports.filter(is_active=True).exclude(name__in=known)
        person = reports.exclude(enrolments__cohort=cohort).order_by("name").first()
        if person:
            self.enrol(Cohort.objects.get(pk=cohort.pk), person, Role.MENTEE, self.now - timedelta(days=1))

    def next_one(self, programme: Programme) -> None:
        """A draft after the cohort that runs, with the people it had nobody for on its list."""
        programmes.actions.copy_cohort(
            cohort=programme.cohorts.get(name="2026"),
            name="2027",
            starts_on=monday(self.now + 13 * WEEK),
            invites_left_over=True,
            by=self.hr,
            at=self.now - WEEK / 7,
        )

    # --- Their parts ---------------------------------------------------------------------

    def cohort(
        self,
        programme: Programme,
        name: str,
        start: date,
        weeks: int,
        opens: datetime | None = None,
    ) -> Cohort:
        return Cohort.objects.create(
            programme=programme,
            name=name,
            enrolment_opens_on=opens.date() if opens else start - timedelta(weeks=8),
            enrolment_closes_on=start - timedelta(weeks=1 if opens else 4),
            starts_on=start,
            ends_on=start + timedelta(weeks=weeks),
            created_at=self.now - 10 * WEEK if opens else self.noon(start) - 10 * WEEK,
        )

    def pick(self, count: int, *ranks: int) -> list[Person]:
        """People of these ranks, none of whom one can sign in as, and the same ones at every call."""
        known = {name for _role, name in words.SIGN_INS}
        return self.random.sample([p for p in self.company.of_rank(*ranks) if p.name not in known], count)

    def open_and_match(
        self, cohort: Cohort, juniors: list[Person], seniors: list[Person]
    ) -> list[Mentorship]:
        opening = self.noon(cohort.enrolment_opens_on)
        programmes.actions.open_enrolment(cohort=cohort, by=self.hr, at=opening)
        for role, people in ((Role.MENTOR, juniors), (Role.MENTEE, seniors)):
            spare = self.pick(6, *({rank_of(p) for p in people} - {7}))
            invited = [*people, *(p for p in spare if p not in people)]
            programmes.actions.invite(cohort=cohort, people=invited, role=role, by=self.hr, at=opening)
            for number, person in enumerate(people):
                enrolled = opening + timedelta(days=1 + number % 12)
                enrolment = self.enrol(cohort, person, role, enrolled)
                programmes.actions.complete_briefing(enrolment=enrolment, at=enrolled + timedelta(days=9))
        self.make_a_wish(cohort, "Dr. Martin Vogel", "Aylin Kaya")
        self.make_a_wish(cohort, "Aylin Kaya", "Dr. Martin Vogel")
        count_anew()
        closing = self.noon(cohort.enrolment_closes_on) + timedelta(days=1)
        programmes.actions.begin_matching(cohort=cohort, by=self.hr, at=closing)
        run = matching.actions.request_run(cohort=cohort, by=self.hr, at=closing)
        matching.actions.execute_run(run=run, at=closing)
        matching.actions.confirm_all(run=run, by=self.hr, at=closing + timedelta(days=3))
        programmes.actions.start(cohort=cohort, by=self.hr, at=self.noon(cohort.starts_on))
        return list(Mentorship.objects.with_members().filter(cohort=cohort).order_by("pk"))

    def enrol(self, cohort: Cohort, person: Person, role: Role, at: datetime) -> Enrolment:
        hours = [day * 24 + hour for day in self.random.sample(range(5), 4) for hour in range(9, 17)]
        return programmes.actions.enrol(
            cohort=cohort,
            person=person,
            role=role,
            capacity=1,
            weekly_hours=sorted(hours),
            meets_remotely=True,
            meets_on_site=self.random.random() < 0.7,
            hopes=self.random.choice(words.HOPES[person.language]),
            at=at,
        )

    def make_a_wish(self, cohort: Cohort, who: str, whom: str) -> None:
        enrolment = Enrolment.objects.filter(cohort=cohort, person=self.company.named(who)).first()
        if enrolment:
            Wish.objects.create(enrolment=enrolment, person=self.company.named(whom), rank=1)

    def pulse(
        self,
        cohort: Cohort,
        kind: str,
        at: date | datetime,
        share: float,
        lift: float,
        but: frozenset[int] | set[int] = frozenset(),
    ) -> None:
        """Open a pulse and let `share` of the people answer; `lift` moves their answers up from the start's."""
        at = at if isinstance(at, datetime) else self.noon(at)
        wave = pulses.actions.open_wave(cohort=cohort, kind=kind, number=1, at=at)
        invited = InvitationToAnswer.objects.filter(wave=wave).select_related(
            "enrolment__person", "wave__cohort__programme"
        )
        for invitation in invited.order_by("pk"):
            if invitation.enrolment.person_id in but or self.random.random() > share:
                continue
            answers = {
                question.key: min(5, max(1, round(self.random.gauss(3.1 + lift, 0.8))))
                for question in questions_for(wave=wave, role=invitation.enrolment.role)
            }
            pulses.actions.answer(invitation=invitation, answers=answers, at=at + timedelta(days=1))

    # --- Times -----------------------------------------------------------------------------

    def noon(self, day: date) -> datetime:
        return datetime.combine(day, time(12), self.now.tzinfo)

    def end_of(self, cohort: Cohort) -> datetime:
        return self.noon(cohort.ends_on)


def monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def settle_past_notices(now: datetime) -> None:
    """What the invented people were told before today counts as delivered and, when older, as read."""
    Notice.objects.filter(sent_at=None).update(sent_at=F("created_at"))
    Notice.objects.filter(created_at__lt=now - timedelta(days=3)).update(read_at=F("created_at"))
