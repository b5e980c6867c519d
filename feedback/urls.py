from django.urls import path

from feedback import views

app_name = "feedback"

urlpatterns = [
    path("<uuid:uuid>/", views.give, name="give"),
    path("<uuid:uuid>/keep/", views.keep, name="keep"),
    path("<uuid:uuid>/exchange/", views.exchange, name="exchange"),
    path("words/<uuid:uuid>/", views.edit, name="edit"),
    path("topics/<uuid:uuid>/", views.topic, name="topic"),
]
