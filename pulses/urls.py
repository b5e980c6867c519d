app_name = "pulses"

urlpatterns: list = []
