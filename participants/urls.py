from django.urls import path

from participants import views

app_name = "participants"

urlpatterns = [
    path("", views.profile, name="profile"),
    path("people/<int:pk>/", views.person, name="person"),
]
