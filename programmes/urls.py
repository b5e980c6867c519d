from django.urls import path

from programmes import views

app_name = "programmes"

urlpatterns = [
    path("", views.programmes, name="list"),
    path("<uuid:cohort>/", views.detail, name="detail"),
    path("<uuid:cohort>/enrol/", views.enrol, name="enrol"),
    path("invitations/<uuid:invitation>/decline/", views.decline, name="decline"),
    path("enrolments/<uuid:enrolment>/withdraw/", views.withdraw, name="withdraw"),
    path("enrolments/<uuid:enrolment>/briefing/", views.briefing, name="briefing"),
]
