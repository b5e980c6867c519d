from django.urls import path

from programmes import joining, views

app_name = "programmes"

urlpatterns = [
    path("", views.programmes, name="list"),
    path("join/<str:token>/", joining.join, name="join"),
    path("<uuid:cohort>/", views.detail, name="detail"),
    path("<uuid:cohort>/enrol/", views.enrol, name="enrol"),
    path("<uuid:cohort>/enrol/<slug:step>/", views.enrol_step, name="enrol-step"),
    path("invitations/<uuid:invitation>/decline/", views.decline, name="decline"),
    path("enrolments/<uuid:enrolment>/withdraw/", views.withdraw, name="withdraw"),
    path("enrolments/<uuid:enrolment>/briefing/", views.briefing, name="briefing"),
    path("enrolments/<uuid:enrolment>/discard/", views.discard, name="discard"),
    path("enrolments/<uuid:enrolment>/briefing/<int:number>/", views.briefing_page, name="briefing-page"),
    path("time/<uuid:uuid>/", views.time, name="time"),
]
