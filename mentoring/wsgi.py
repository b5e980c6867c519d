import os

from django.core.wsgi import get_wsgi_application

from mentoring import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
embedded.ensure()

application = get_wsgi_application()
