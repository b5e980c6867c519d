from django.urls import path

from concerns import views

app_name = "concerns"

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("raise/<uuid:uuid>/", views.raise_concern, name="raise"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/take/", views.take, name="take"),
    path("<uuid:uuid>/hand-over/", views.hand_over, name="hand_over"),
    path("<uuid:uuid>/pause/", views.pause, name="pause"),
    path("<uuid:uuid>/settle/", views.settle, name="settle"),
]
