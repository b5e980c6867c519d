from django.contrib import admin
from django.urls import include, path

from mentoring import home

urlpatterns = [
    path("", home.home, name="home"),
    path("meetings/", include("meetings.urls")),
    path("agreements/", include("agreements.urls")),
    path("goals/", include("goals.urls")),
    path("pulses/", include("pulses.urls")),
    path("feedback/", include("feedback.urls")),
    path("concerns/", include("concerns.urls")),
    path("mentorships/", include("matching.urls")),
    path("programmes/", include("programmes.urls")),
    path("profile/", include("participants.urls")),
    path("notices/", include("notices.urls")),
    path("insights/", include("insights.urls")),
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
