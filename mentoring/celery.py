import os

from celery import Celery

from mentoring import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
embedded.ensure()

app = Celery("mentoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
