from django.urls import path

from goals import views

app_name = "goals"

urlpatterns = [
    path("", views.goal_list, name="list"),
    path("new/<uuid:uuid>/", views.set_goal, name="set"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/check-in/", views.check_in, name="check_in"),
    path("<uuid:uuid>/describe/", views.describe, name="describe"),
    path("<uuid:uuid>/change/", views.propose_change, name="propose_change"),
    path("changes/<uuid:uuid>/", views.change, name="change"),
    path("<uuid:uuid>/attain/", views.attain, name="attain"),
    path("<uuid:uuid>/drop/", views.drop, name="drop"),
    path("<uuid:uuid>/reopen/", views.reopen, name="reopen"),
]
