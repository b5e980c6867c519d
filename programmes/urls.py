from django.urls import path

from programmes import joining, views

app_name = "programmes"

urlpatterns = [
    path("", views.programmes, name="list"),
    path("join/<str:token>/", joining.join, name="join"),
    path("<uuid:cohort>/", views.detail, name="detail"),
    path("<uuid:cohort>/enrol/", views.enrol, name="enrol"),
    path("invitations/<uuid:invitation>/decline/", views.decline, name="decline"),
    path("enrolments/<uuid:enrolment>/withdraw/", views.withdraw, name="withdraw"),
    path("enrolments/<uuid:enrolment>/briefing/", views.briefing, name="briefing"),
]
