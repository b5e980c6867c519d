from django.urls import path

from feedback import views

app_name = "feedback"

urlpatterns = [path("<uuid:uuid>/", views.give, name="give")]
