"""All settings, from the environment, readable from top to bottom.

Every variable is listed in `.env.example`. With DATABASE_URL or REDIS_URL unset,
`mentoring.embedded` starts a local server and sets them before this file is read.
"""

from pathlib import Path

from celery.schedules import schedule
from csp.constants import NONE, SELF
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from environs import Env

from mentoring import admin_theme

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").exists():
    env.read_env(str(BASE_DIR / ".env"))

# --- Where it runs -------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [SITE_URL])
HTTPS = SITE_URL.startswith("https://")
# How many proxies stand before this server. What a client says of its address and of https counts only if one
# of them wrote it; without any, the client itself could have.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS and TRUSTED_PROXIES > 0
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
ROOT_URLCONF = "mentoring.urls"
WSGI_APPLICATION = "mentoring.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Apps, from the top floor down ---------------------------------------------------
INSTALLED_APPS = [
    "mentoring",
    "insights",
    "endings",
    "meetings",
    "goals",
    "pulses",
    "agreements",
    "feedback",
    "concerns",
    "matching",
    "programmes",
    "accounts",
    "participants",
    "notices",
    "modeltranslation",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "mentoring.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "mentoring.middleware.HeadersMiddleware",
    "mentoring.middleware.TextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionTimeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "mentoring.middleware.PersonMiddleware",
    "mentoring.middleware.AdminPolicyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mentoring.context.shell",
            ],
        },
    }
]

# --- One PostgreSQL database, one Redis ----------------------------------------------
DATABASES = {
    "default": {
        **env.dj_db_url("DATABASE_URL", "postgresql:///mentoring"),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
# Rate limits count in it; they must hold across all processes.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# --- Background work -----------------------------------------------------------------
# A Unix socket's URL is spelled differently by redis-py and by kombu.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 60 * 30
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = env.float("SWEEP_SECONDS", 120)
CELERY_BEAT_SCHEDULE_FILENAME = env.str("BEAT_SCHEDULE_FILE", str(BASE_DIR / "var" / "beat-schedule"))
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": schedule(SWEEP_SECONDS)}
    for name in [
        "accounts.tasks.sweep",
        "agreements.tasks.sweep",
        "endings.tasks.sweep",
        "concerns.tasks.sweep",
        "feedback.tasks.sweep",
        "goals.tasks.sweep",
        "insights.tasks.refresh",
        "insights.tasks.sweep",
        "matching.tasks.sweep",
        "meetings.tasks.sweep",
        "mentoring.tasks.sweep",
        "notices.tasks.sweep",
        "participants.tasks.sweep",
        "programmes.tasks.sweep",
        "pulses.tasks.sweep",
    ]
}
CELERY_BEAT_SCHEDULE["matching.tasks.take_up"] = {
    "task": "matching.tasks.take_up",
    "schedule": schedule(min(30, SWEEP_SECONDS)),
}
CELERY_BEAT_SCHEDULE["mentoring.tasks.forget"] = {
    "task": "mentoring.tasks.forget",
    "schedule": schedule(86400),
}

# --- Signing in ----------------------------------------------------------------------
AUTH_USER_MODEL = "participants.Person"
AUTHENTICATION_BACKENDS = ["mentoring.permissions.Backend"]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 60 * 10
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_FORMS = {"reset_password": "accounts.forms.ResetForm"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.secrets.ResetTokens"
# The mail waits at most an hour for the mail server; the link in it lasts as long from then on.
PASSWORD_RESET_TIMEOUT = 60 * 60
# How fresh a sign-in has to be for a first password.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 10
# Wrong passwords and mail asked for are counted in accounts.limits.
ACCOUNT_RATE_LIMITS = {"reset_password": "20/m/ip", "login_failed": None, "request_login_code": None}
# Each use of the product lets the time begin anew. Seniors come twice a month: thirty days ask nobody twice.
SESSION_COOKIE_AGE = int(env.float("SESSION_IDLE_HOURS", 24 * 30) * 60 * 60)
# Who can see and change what others wrote down signs in every working day, however busy.
STAFF_SESSION_SECONDS = 60 * 60 * 12
# Without it all who come through one proxy share its rate limits.
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in [
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    ]
]

# --- Confidential text ---------------------------------------------------------------
# Fernet keys, newest first; older ones are kept to read what they wrote.
CONCERN_KEYS: list[str] = env.list("CONCERN_KEYS", [])

# --- Language and time ---------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "mentoring.formats"
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_FALLBACK_LANGUAGES = ("en", "de")
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files ---------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(BASE_DIR / "var" / "media")))
# For this account alone: what people share is read through the product.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Mail ----------------------------------------------------------------------------
EMAIL = env.dj_email_url("EMAIL_URL", f"file:///{BASE_DIR / 'var' / 'mail'}")
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL["EMAIL_HOST"]
EMAIL_PORT = EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL["EMAIL_USE_TLS"]
EMAIL_USE_SSL = EMAIL["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = EMAIL["EMAIL_FILE_PATH"]
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", 20)
# In the recipient's time zone: from this hour until before that one, and on these days (1 is Monday).
MAIL_HOURS = env.list("MAIL_HOURS", [7, 20], subcast=int)
MAIL_DAYS = env.list("MAIL_DAYS", [1, 2, 3, 4, 5], subcast=int)
# The pause after which mail that could not be handed over is tried again; it doubles each time.
MAIL_RETRY_SECONDS = env.float("MAIL_RETRY_SECONDS", 60)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Mentoring <mentoring@localhost>")

# --- What a browser may load ---------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# --- Forms and messages --------------------------------------------------------------
FORM_RENDERER = "domain.forms.Renderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- The admin site's look -----------------------------------------------------------
UNFOLD = admin_theme.UNFOLD

# --- Logs: one line each, to standard output, without what is confidential -----------
LOGGING_CONFIG = "mentoring.logs.configure"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", "INFO")},
}
