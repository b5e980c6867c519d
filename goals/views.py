from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from domain.errors import DomainError
from goals import actions, pages
from goals.forms import CheckInForm, GoalForm
from goals.models import Goal
from goals.reminders import is_asked_about, last_asked
from goals.summary import cards
from matching.models import Member, Mentorship


@require_GET
def goal_list(request: HttpRequest) -> HttpResponse:
    mentorships = list(Mentorship.objects.visible_to(request.user).exclude(state="offered").with_members())
    found = cards(mentorships, request.user, timezone.now(), closed=True)
    groups = [pages.group(one, found[one.pk], request.user) for one in mentorships]
    return render(request, "goals/list.html", {"groups": sorted(groups, key=lambda group: not group.is_live)})


@require_http_methods(["GET", "POST"])
def set_goal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "goals.set", mentorship)
    member = mentorship.member_for(request.user)
    form = GoalForm(request.POST or None, mentorship=mentorship, member=member)
    if form.is_valid():
        try:
            goal = actions.set_goal(mentorship=mentorship, member=member, **form.goal())
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("Your goal is set. Now and then you will be asked how it stands."))
            return redirect("goals:detail", uuid=goal.uuid)
    context = {"form": form, "mentorship": mentorship, "others": mentorship.names_of_others(request.user)}
    context["is_full"] = Goal.objects.open().filter(mentorship=mentorship).count() >= actions.OPEN_AT_ONCE
    return render(request, "goals/set.html", context)


@require_GET
def detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    goal, mentorship, _member = load(request, uuid)
    context = pages.detail(goal, mentorship, request.user, timezone.now())
    context["may_act"] = request.user.has_perm("goals.check_in", goal) and goal.state == Goal.State.OPEN
    return render(request, "goals/detail.html", context)


@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, uuid: UUID) -> HttpResponse:
    goal, mentorship, member = load(request, uuid)
    require(request, "goals.check_in", goal)
    day = last_asked(mentorship.cohort, timezone.now(), request.user.zone)
    if not day or not is_asked_about(goal, day, request.user.zone):
        messages.info(request, pages.nothing_to_report(goal, mentorship, request.user))
        return redirect("goals:detail", uuid=uuid)
    if goal.check_ins.filter(member=member, due_on=day).exists():
        return redirect("goals:detail", uuid=uuid)
    form = CheckInForm(request.POST or None, goal=goal)
    if form.is_valid():
        try:
            actions.check_in(goal=goal, member=member, due_on=day, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, pages.said_after_check_in(goal, mentorship, request.user, day))
            return redirect("goals:detail", uuid=uuid)
    context = {"form": form, "goal": goal, "day": day, "others": mentorship.names_of_others(request.user)}
    return render(request, "goals/check_in.html", context)


@require_http_methods(["GET", "POST"])
def attain(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return ask_to_close(request, uuid, actions.attain, pages.ASK_TO_ATTAIN)


@require_http_methods(["GET", "POST"])
def drop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return ask_to_close(request, uuid, actions.drop, pages.ASK_TO_DROP)


def ask_to_close(
    request: HttpRequest, uuid: UUID, action: pages.Close, question: pages.Question
) -> HttpResponse:
    goal, mentorship, member = load(request, uuid)
    require(request, "goals.check_in", goal)
    back = reverse("goals:detail", args=[uuid])
    if request.method == "POST":
        try:
            action(goal=goal, member=member)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, question.done % {"goal": goal.title})
        return redirect(back)
    others = mentorship.names_of_others(request.user)
    return render(request, "confirm.html", {**question.context(goal, others), "cancel_url": back})


def load(request: HttpRequest, uuid: UUID) -> tuple[Goal, Mentorship, Member]:
    goals = Goal.objects.visible_to(request.user).select_related("objective", "set_by__enrolment__person")
    goal = get_object_or_404(goals.prefetch_related("levels"), uuid=uuid)
    mentorship = Mentorship.objects.with_members().get(pk=goal.mentorship_id)
    return goal, mentorship, mentorship.member_for(request.user)


def require(request: HttpRequest, name: str, obj: object) -> None:
    if not request.user.has_perm(name, obj):
        raise PermissionDenied
