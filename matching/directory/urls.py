from django.urls import path

from matching.directory import suggested, views

app_name = "directory"

urlpatterns = [
    path("<uuid:cohort>/suggestions/", suggested.suggestions, name="suggestions"),
    path("<uuid:cohort>/", views.directory, name="list"),
    path("<uuid:cohort>/<uuid:enrolment>/", views.person, name="person"),
    path("requests/<uuid:uuid>/", views.request, name="request"),
]
