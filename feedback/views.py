from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from domain.errors import DomainError
from feedback import actions
from feedback.forms import FeedbackForm
from feedback.models import Feedback
from matching.models import Mentorship


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, uuid: UUID) -> HttpResponse:
    mentorship = get_object_or_404(Mentorship.objects.visible_to(request.user).with_members(), uuid=uuid)
    if not request.user.has_perm("feedback.give", mentorship):
        raise PermissionDenied
    member = mentorship.member_for(request.user)
    form = FeedbackForm(request.POST or None, others=mentorship.others(request.user))
    if form.is_valid():
        try:
            actions.give(mentorship=mentorship, author=member, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, _("Thank you. Your feedback is on its way."))
            return redirect("feedback:give", uuid=uuid)
    written = Feedback.objects.visible_to(request.user).filter(mentorship=mentorship)
    seen = list(written.select_related("author__enrolment__person", "recipient__enrolment__person"))
    context = {
        "form": form,
        "mentorship": mentorship,
        "others": mentorship.names_of_others(request.user),
        "given": [one for one in seen if one.author_id == member.pk],
        "received": [one for one in seen if one.recipient_id == member.pk],
    }
    return render(request, "feedback/give.html", context)
