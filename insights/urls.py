from django.urls import path

from insights import views

app_name = "insights"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("<uuid:uuid>/", views.programme, name="programme"),
    path("<uuid:uuid>/figures.<slug:kind>", views.download, name="download"),
]
