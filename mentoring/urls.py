from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts import views as accounts
from mentoring import health, home, mentorships, refused, stalled_views, styleguide

urlpatterns = [
    path("", home.home, name="home"),
    path("meetings/", include("meetings.urls")),
    path("agreements/", include("agreements.urls")),
    path("goals/", include("goals.urls")),
    path("pulses/", include("pulses.urls")),
    path("feedback/", include("feedback.urls")),
    path("concerns/", include("concerns.urls")),
    path("endings/", include("endings.urls")),
    path("mentorships/", include("matching.urls")),
    path("mentorships/<uuid:uuid>/", mentorships.mentorship, name="mentorship"),
    path("stalled/", stalled_views.overview, name="stalled"),
    path("stalled/<uuid:uuid>/nudge/", stalled_views.nudge, name="nudge"),
    path("refused/", refused.overview, name="refused"),
    path("refused/<int:pk>/again/", refused.again, name="try_address_again"),
    path("directory/", include("matching.directory.urls")),
    path("programmes/", include("programmes.urls")),
    path("profile/", include("participants.urls")),
    path("notices/", include("notices.urls")),
    path("insights/", include("insights.urls")),
    path("account/data/", include("mentoring.personal.for_people")),
    path("account/", include("accounts.urls")),
    path("language/", accounts.set_language, name="set_language"),
    path("admin/login/", accounts.admin_login),
    path("admin/erasures/", include("mentoring.personal.for_hr")),
    path("admin/logout/", accounts.SignOutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
