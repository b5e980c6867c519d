from django.urls import path

from pulses import views

app_name = "pulses"

urlpatterns = [
    path("advice/", views.advice, name="advice"),
    path("<uuid:uuid>/", views.answer, name="answer"),
]
