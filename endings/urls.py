from django.urls import path

from endings import views

app_name = "endings"

urlpatterns = [
    path("<uuid:uuid>/", views.close, name="close"),
    path("<uuid:uuid>/complete/", views.complete, name="complete"),
    path("<uuid:uuid>/certificate/", views.certificate, name="certificate"),
    path("<uuid:uuid>/next/", views.next_steps, name="next"),
    path("<uuid:uuid>/rematch/", views.rematch, name="rematch"),
    path("looking-back/<uuid:uuid>/", views.look_back, name="look_back"),
]
