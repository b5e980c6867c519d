from django.urls import include, path

from accounts import views

# Ours stand before allauth's of the same name.
urlpatterns = [
    path("email/", views.email),
    path("login/code/", views.RequestCodeView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.ConfirmCodeView.as_view(), name="account_confirm_login_code"),
    path("logout/", views.SignOutView.as_view(), name="account_logout"),
    path("password/set/", views.FirstPasswordView.as_view(), name="account_set_password"),
    path("again/", views.sign_in_again, name="sign_in_again"),
    path("places/", views.places, name="signed_in_places"),
    path("", include("allauth.account.urls")),
]
