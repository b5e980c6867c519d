from django.urls import path, re_path

from insights import views

app_name = "insights"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("<uuid:uuid>/", views.programme, name="programme"),
    re_path(r"^(?P<uuid>[0-9a-f-]{36})/figures\.(?P<kind>csv|xlsx)$", views.download, name="download"),
]
