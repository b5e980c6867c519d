from django.urls import path

from meetings import views

app_name = "meetings"

urlpatterns = [
    path("", views.listing, name="list"),
    path("plan/<uuid:uuid>/", views.plan, name="plan"),
    path("plan/<uuid:uuid>/all/", views.rhythm, name="rhythm"),
    path("calendar/", views.calendar_address, name="calendar"),
    path("calendar/new/", views.renew_calendar_address, name="calendar_new"),
    path("calendar/remove/", views.remove_calendar_address, name="calendar_remove"),
    path("calendar/<str:token>.ics", views.feed, name="feed"),
    path("share/<uuid:uuid>/", views.share, name="share"),
    path("unplanned/<uuid:uuid>/", views.unplanned, name="unplanned"),
    path("did-you-meet/<str:token>/", views.by_mail, name="by_mail"),
    path("resources/<uuid:uuid>/", views.resource, name="resource"),
    path("resources/<uuid:uuid>/remove/", views.remove, name="remove"),
    path("steps/<uuid:uuid>/", views.tick, name="tick"),
    path("<uuid:uuid>/", views.detail, name="detail"),
    path("<uuid:uuid>/move/", views.move, name="move"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
    path("<uuid:uuid>/answer/", views.answer, name="answer"),
    path("<uuid:uuid>/moved/", views.moved, name="moved"),
    path("<uuid:uuid>/log/", views.log, name="log"),
    path("<uuid:uuid>/log/save/", views.save, name="save"),
]
