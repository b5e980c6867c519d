from django.urls import path

from agreements import views

app_name = "agreements"

urlpatterns = [
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/adapt/", views.adapt, name="adapt"),
    path("<uuid:uuid>/print/", views.paper, name="print"),
    path("<uuid:uuid>/sign/", views.sign, name="sign"),
]
