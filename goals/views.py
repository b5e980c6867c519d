from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domain.errors import DomainError
from domain.forms import refuse
from domain.requests import SignedInRequest, require
from goals import actions, pages
from goals.examples import BY_KEY, examples_for
from goals.forms import CheckInForm, DescribeForm, GoalChangeForm, GoalForm
from goals.models import Goal, GoalChange
from goals.rounds import to_report
from goals.summary import cards
from goals.wording import undescribed
from matching.models import Member, Mentorship


@require_safe
def goal_list(request: SignedInRequest) -> HttpResponse:
    mentorships = list(Mentorship.objects.visible_to(request.user).exclude(state="offered").with_members())
    found = cards(mentorships, request.user, timezone.now(), closed=True)
    groups = [pages.group(one, found[one.pk], request.user) for one in mentorships]
    return render(request, "goals/list.html", {"groups": sorted(groups, key=lambda group: not group.is_live)})


@require_http_methods(["GET", "HEAD", "POST"])
def set_goal(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    require(request, "goals.set", mentorship)
    member = mentorship.membership_of(request.user)
    form = GoalForm(request.POST or None, mentorship=mentorship, member=member)
    if form.is_valid():
        try:
            goal = actions.set_goal(mentorship=mentorship, member=member, **form.goal())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your goal is set. Now and then you will be asked how it stands."))
            return redirect("goals:detail", uuid=goal.uuid)
    example = BY_KEY.get(request.GET.get("example", ""))
    if example and not form.is_bound:
        form.begin_from(example)
    context = {
        "form": form,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "is_full": Goal.objects.open().filter(mentorship=mentorship).count() >= actions.OPEN_AT_ONCE,
        "examples": examples_for(mentorship.cohort.programme, form.objectives),
        "chosen": example,
    }
    return render(request, "goals/set.html", context)


@require_safe
def detail(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    goal, mentorship, _member = load(request, uuid)
    context = pages.detail(goal, mentorship, request.user, timezone.now())
    is_mine = request.user.has_perm("goals.check_in", goal)
    context["may_act"] = is_mine and goal.state == Goal.State.OPEN
    context["may_reopen"] = is_mine and goal.state != Goal.State.OPEN
    return render(request, "goals/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    goal, mentorship, member = load(request, uuid)
    require(request, "goals.check_in", goal)
    day = to_report(goal, mentorship, member, timezone.now(), goal.check_ins.all())
    if day is None:
        messages.info(request, pages.nothing_to_report(goal))
        return redirect("goals:detail", uuid=uuid)
    form = CheckInForm(request.POST or None, goal=goal)
    if form.is_valid():
        try:
            actions.check_in(goal=goal, member=member, due_on=day, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, pages.said_after_check_in(goal, mentorship, request.user, day))
            return redirect("goals:detail", uuid=uuid)
    context = {
        "form": form,
        "goal": goal,
        "mentorship": mentorship,
        "day": day,
        "is_asked": day in mentorship.cohort.check_in_dates(),
        "others": mentorship.names_of_others(request.user),
    }
    return render(request, "goals/check_in.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    goal, mentorship, member = load(request, uuid)
    require(request, "goals.set", goal)
    if not undescribed(goal):
        return redirect("goals:detail", uuid=uuid)
    form = DescribeForm(request.POST or None, goal=goal)
    if form.is_valid():
        try:
            actions.describe(goal=goal, member=member, levels=form.levels())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Thank you. The levels now say more."))
            return redirect("goals:detail", uuid=uuid)
    context = {
        "form": form,
        "goal": goal,
        "mentorship": mentorship,
        "levels": [one for one in pages.levels_of(goal) if one["is_described"]],
        "others": mentorship.names_of_others(request.user),
    }
    return render(request, "goals/describe.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def propose_change(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    goal, mentorship, member = load(request, uuid)
    require(request, "goals.set", goal)
    waiting = goal.changes.open().first()
    if waiting and request.method != "POST":
        return redirect("goals:change", uuid=waiting.uuid)
    form = GoalChangeForm(request.POST or None, goal=goal)
    if form.is_valid():
        try:
            change = actions.propose_change(goal=goal, member=member, **form.change())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your proposal is on its way. Until it is agreed, nothing changes."))
            return redirect("goals:change", uuid=change.uuid)
    context = {
        "form": form,
        "goal": goal,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
    }
    return render(request, "goals/propose_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    changes = GoalChange.objects.visible_to(request.user).prefetch_related("agreed_by")
    proposed = get_object_or_404(changes.select_related("goal"), uuid=uuid)
    mentorship = Mentorship.objects.with_members().get(pk=proposed.goal.mentorship_id)
    may_act = request.user.has_perm("goals.set", proposed.goal)
    if request.method == "POST":
        require(request, "goals.set", proposed.goal)
        try:
            said = decide(proposed, mentorship.membership_of(request.user), request.POST.get("answer", ""))
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("goals:change", uuid=uuid)
        messages.success(request, said)
        return redirect("goals:detail", uuid=proposed.goal.uuid)
    context = {**pages.change(proposed, mentorship, request.user), "may_act": may_act}
    return render(request, "goals/change.html", context)


def decide(proposed: GoalChange, member: Member, answer: str) -> str:
    """Do what the button said, and return what to say about it."""
    if answer == "agree":
        decided = actions.answer_change(change=proposed, member=member, agree=True)
        return _("Agreed. The new words are in force.") if decided else _("Thank you. You agree to it.")
    if answer == "keep":
        actions.answer_change(change=proposed, member=member, agree=False)
        return _("The goal stays as it was.")
    if answer == "withdraw":
        actions.withdraw_change(change=proposed, member=member)
        return _("Your proposal is withdrawn.")
    raise DomainError(_("Choose one of the answers."))


@require_http_methods(["GET", "HEAD", "POST"])
def attain(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    return ask_to_close(request, uuid, actions.attain, pages.ASK_TO_ATTAIN)


@require_http_methods(["GET", "HEAD", "POST"])
def drop(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    return ask_to_close(request, uuid, actions.drop, pages.ASK_TO_DROP)


@require_POST
def reopen(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    goal, _mentorship, member = load(request, uuid)
    require(request, "goals.check_in", goal)
    try:
        actions.reopen(goal=goal, member=member)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("“%(goal)s” is open again.") % {"goal": goal.title})
    return redirect("goals:detail", uuid=uuid)


def ask_to_close(
    request: SignedInRequest, uuid: UUID, action: pages.Close, question: pages.Question
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
    context = {**question.context(goal, others), "cancel_url": back, "mentorship": mentorship}
    return render(request, "confirm.html", context)


def load(request: SignedInRequest, uuid: UUID) -> tuple[Goal, Mentorship, Member]:
    goals = Goal.objects.visible_to(request.user).select_related("objective", "set_by__enrolment__person")
    goal = get_object_or_404(goals.prefetch_related("levels"), uuid=uuid)
    mentorship = Mentorship.objects.with_members().get(pk=goal.mentorship_id)
    return goal, mentorship, mentorship.membership_of(request.user)
