"""What there is for staff in the company of `tests.security.company`: directories, runs, files, lists."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import matching.actions
import programmes.actions
from matching.models import Block, GroupDecision, MatchRun, Request
from notices.mail import unsubscribe_signer
from notices.models import Notice, RefusedAddress
from participants.models import ErasureRequest, Person
from programmes.models import (
    Cohort,
    Programme,
    ProgrammeRole,
    Role,
    Wording,
)
from tests import factories
from tests.matching import people
from tests.matching.test_group_runs import cohort_of_groups
from tests.participants.test_imports import previewed
from tests.security.roles import (
    COORDINATOR,
    FORMER,
    HR,
    MEMBERS,
    MENTEE,
    MENTOR,
    OTHER_COORDINATOR,
    OURS,
    PARTICIPANT,
)

HR_FILE = "Employee ID,Name,Work Email\n1,Noël Top,noel@example.org\n2,No Address,\n"


class OfStaff:
    at: datetime
    people: dict[str, Person]
    things: dict[str, Any]
    programme: Programme
    cohort: Callable[..., Cohort]
    private: Callable[..., str]

    def directory(self) -> None:
        informal = factories.programme(form="informal")
        cohort = self.cohort(Cohort.State.RUNNING, -20, programme=informal)
        asker = factories.enrolment(cohort, self.people[MENTEE], Role.MENTEE)
        asked = factories.enrolment(cohort, self.people[MENTOR], Role.MENTOR)
        found = factories.enrolment(cohort, None, Role.MENTOR)
        request = Request.objects.create(
            asker=asker, asked=asked, message=self.private("request", MEMBERS), asked_at=self.at
        )
        self.things |= {"directory": cohort, "request": request, "in directory": found}

    def runs(self) -> None:
        hr, people_of_both = self.people[HR], []
        cohort = self.cohort(Cohort.State.MATCHING, 5)
        for name in ("One", "Two", "Three"):
            people_of_both += [people.mentor(cohort, people.junior(f"Mentor {name}"))]
            people_of_both += [people.mentee(cohort, people.senior(f"Mentee {name}"))]
        run, again = (self.finished(matching.actions.request_run(cohort=cohort, by=hr)) for _ in range(2))
        groups = cohort_of_groups()
        factories.programme_role(groups.programme, self.people[COORDINATOR], "coordinator")
        group_run = self.finished(matching.actions.request_run(cohort=groups, by=hr))
        group = group_run.groups.first()
        seats = group.seats.filter(role=Role.MENTEE)
        decision = GroupDecision.objects.create(
            cohort=groups, run=group_run, kind=GroupDecision.Kind.TOGETHER, by=hr,
            enrolment=seats[0].enrolment, reason=self.private("reason-of-a-decision", OURS),
        )  # fmt: skip
        self.things |= {
            "matching": cohort, "run": run, "run again": again, "proposal": run.proposals.first(),
            "a mentor": people_of_both[0], "a mentee": people_of_both[1],
            "group run": group_run, "group": group, "seat": seats[0].enrolment, "decision": decision,
            "policy": self.programme.matching_policy,
            "block": Block.objects.create(
                programme=self.programme, first=people_of_both[0].person, second=people_of_both[1].person,
                reason=self.private("reason-of-a-block", OURS), created_by=hr,
            ),
        }  # fmt: skip

    def runs_of_others(self) -> None:
        programme = ProgrammeRole.objects.get(person=self.people[OTHER_COORDINATOR]).programme
        cohort = self.cohort(Cohort.State.MATCHING, 5, programme=programme)
        people.mentor(cohort, people.junior("Their Mentor"))
        people.mentee(cohort, people.senior("Their Mentee"))
        groups = cohort_of_groups()
        factories.programme_role(groups.programme, self.people[OTHER_COORDINATOR], "coordinator")
        for name, of in (("their run", cohort), ("their group run", groups)):
            self.things[name] = self.finished(matching.actions.request_run(cohort=of, by=self.people[HR]))

    def finished(self, run: MatchRun) -> MatchRun:
        matching.actions.execute_run(run=run)
        run.refresh_from_db()
        assert run.state == MatchRun.State.FINISHED, run.error
        return run

    def of_staff(self) -> None:
        taken = previewed(HR_FILE, by=self.people[HR])
        RefusedAddress.objects.create(email=self.people[PARTICIPANT].email, words="no such user")
        ErasureRequest.objects.create(person=self.people[FORMER])
        notice = Notice.objects.create(
            recipient=self.people[MENTOR], kind="look-back", key="walk", language="en", subject="Walk",
            text=self.private("notice", MENTOR), url="/goals/",
        )  # fmt: skip
        round_ = programmes.actions.begin_round(
            cohort=self.things["enrolling"], whom="list", by=self.people[HR]
        )
        wording = Wording.objects.create(
            programme=self.programme, kind="mentorship-offered", subject_en="Hello"
        )
        self.things |= {
            "person": self.people[FORMER], "import": taken, "refused": self.people[PARTICIPANT],
            "notice": notice, "round": round_,
            "unsubscribe token": unsubscribe_signer().sign(str(notice.uuid)),
            "topic": people.topic("Data"),
            "wording": wording,
        }  # fmt: skip
