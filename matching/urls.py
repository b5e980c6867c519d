from django.urls import path

from matching import views

app_name = "matching"

urlpatterns = [
    path("<uuid:uuid>/offer/", views.offer, name="offer"),
    path("<uuid:uuid>/pause/", views.pause, name="pause"),
    path("<uuid:uuid>/resume/", views.resume, name="resume"),
    path("<uuid:uuid>/end/", views.end, name="end"),
]
