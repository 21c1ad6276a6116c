"""The one settings file: every value that differs between machines comes from the environment.

Beside a running `make run` the file `var/local.env` names its servers, so `manage.py` works without any variable set;
the real environment wins. A value that can't be read stops the start with its name.
"""

import os
from pathlib import Path
from typing import Any

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from radiorate import logs

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):
    """The variables, read strictly: what is no number or no yes or no is refused by name, not guessed at."""

    # A copy: what the file adds must not look like the real environment to `manage.py local` and to child processes.
    ENVIRON = dict(os.environ)

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        raw = self.ENVIRON.get(var, "")
        if cast is bool and raw.lower() not in (*self.BOOLEAN_TRUE_STRINGS, "false", "off", "no", "n", "0", ""):
            raise ImproperlyConfigured(f"{var} is {raw!r}: it must be 1 or 0.")
        try:
            return super().get_value(var, cast, *args, **kwargs)
        except ValueError as error:
            if cast is int:
                raise ImproperlyConfigured(f"{var} is {raw!r}: it must be a whole number.") from error
            raise ImproperlyConfigured(f"{var} is {raw!r}, which cannot be read: {error}.") from error

    def postgresql(self, var: str, default: str) -> dict[str, Any]:
        """Django's description of the database; the address is kept out of the message as it may hold a password."""
        try:
            if self.ENVIRON.get(var, default).split("://")[0] in ("postgresql", "postgres"):
                return self.db_url(var, default=default)
        except ValueError:
            pass
        raise ImproperlyConfigured(f"{var} must name a PostgreSQL database: postgresql://user:password@host/name")


env = Environment()
VAR = Path(env.str("VAR", default=str(BASE_DIR / "var"))).absolute()
if os.access(VAR / "local.env", os.R_OK):  # a folder closed to this account is named by what needs it
    Environment.read_env(VAR / "local.env")

# -- where it runs ---------------------------------------------------------------------------------------------------
LOCAL = env.bool("LOCAL", default=False)  # plain http on this machine's loopback, as `make run` does
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PROXY_COUNT = env.int("PROXY_COUNT", default=0)  # reverse proxies in front whose X-Forwarded-For is believed


def refuse_unsafe_production() -> None:
    """Raise ImproperlyConfigured where a server must not start: default key, debug pages, open hosts.

    Called by the web server's and the workers' entry points, not by commands that serve nothing.
    """
    if len(SECRET_KEY) < 32 or "change" in SECRET_KEY.lower() or "insecure" in SECRET_KEY.lower():
        raise ImproperlyConfigured("SECRET_KEY is missing, too short or an example: set 50 random characters.")
    if LOCAL:
        return
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on: debug pages show secrets; switch it off or set LOCAL=1.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is empty or open: name the hosts this site answers for.")


# -- the house -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_structlog",
    "pgtrigger",
    "storages",
    "radiorate",
    "radiorate.accounts",
    "radiorate.images",
    "radiorate.studies",
    "radiorate.reading",
    "radiorate.results",
    "radiorate.blinding",
    "generation",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "radiorate.accounts.language.ReaderLanguageMiddleware",
    "radiorate.accounts.privacy.NoStoreMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "radiorate.accounts.privacy.RequestLogMiddleware",
]
ROOT_URLCONF = "radiorate.urls"
WSGI_APPLICATION = "radiorate.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "radiorate.form_fields.Renderer"

# -- PostgreSQL ------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.postgresql("DATABASE_URL", default="postgresql:///radiorate")}
DATABASE_POOL = env.int("DATABASE_POOL", default=0)  # connections a web process keeps; 0 opens one a request
if DATABASE_POOL:
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}

# -- Redis: the broker's bell, and the shared counters of the sign-in rate limits ------------------------------------
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "radiorate",
    }
}
# Celery spells a unix socket `redis+socket://`, redis-py spells it `unix://`.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

# -- Celery: the row in PostgreSQL is the truth, a message is a hint -------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "images"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A launch must answer within seconds when the broker is down: the reaper sends what could not be sent.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2, "socket_timeout": 30}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15)  # how often the reaper looks
LEASE_SECONDS = env.int("LEASE_SECONDS", default=300)  # how long a worker may hold a job before it counts as gone
RESEND_SECONDS = env.int("RESEND_SECONDS", default=30)  # a job queued this long is sent again
JOB_TRIES = env.int("JOB_TRIES", default=5)  # how often a machine may take a job up before a person must look
PROVIDER_PACKAGES = env.list("PROVIDER_PACKAGES", default=["generation.providers"])  # where providers are looked for
COMPUTING_PROVIDERS = env.list("COMPUTING_PROVIDERS", default=["phantom", "diffusers"])  # they hold the processor
PROTOCOL_FOLDERS = env.list("PROTOCOL_FOLDERS", default=[])  # experiments of one's own, beside generation/protocols
# Of image services, by the name of a generator's connection: OPENAI_API_KEY, and OPENAI_BASE_URL for another address.
API_KEYS = {name.removesuffix("_API_KEY"): key for name, key in env.ENVIRON.items() if name.endswith("_API_KEY")}
BASE_URLS = {name.removesuffix("_BASE_URL"): url for name, url in env.ENVIRON.items() if name.endswith("_BASE_URL")}
FAILPOINT = env.str("FAILPOINT", default="")  # a worker dies on reaching it: see generation/failpoints.py
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "generation.tasks.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": SWEEP_SECONDS}},
    "near-copies": {"task": "generation.tasks.find_near_copies", "schedule": 60, "options": {"expires": 60}},
    "resume-imports": {
        "task": "radiorate.images.tasks.resume_imports",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")

# -- files: originals and renditions, never under MEDIA_URL ----------------------------------------------------------
STORAGE = env.str("STORAGE", default="filesystem")
if STORAGE == "filesystem":
    _files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR / "files"), "base_url": None},
    }
elif STORAGE == "s3":
    _files = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.str("S3_BUCKET"),
            "endpoint_url": env.str("S3_ENDPOINT_URL", default=None),
            "access_key": env.str("S3_ACCESS_KEY", default=None),
            "secret_key": env.str("S3_SECRET_KEY", default=None),
            "region_name": env.str("S3_REGION", default="us-east-1"),
            # The library's defaults overwrite files, sign links for an hour and use an old signature.
            "file_overwrite": False,
            "querystring_expire": 300,
            "signature_version": "s3v4",
            "default_acl": None,
        },
    }
else:
    raise ImproperlyConfigured(f"STORAGE is {STORAGE!r}: it must be filesystem or s3.")
STORAGES = {
    "default": _files,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "radiorate.static_files.HashedStaticFiles"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=2_000_000_000)  # one upload, unpacked
IMAGE_MAX_BYTES = env.int("IMAGE_MAX_BYTES", default=200_000_000)  # one file
IMAGE_MAX_PIXELS = env.int("IMAGE_MAX_PIXELS", default=64_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FILES = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# -- accounts --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "radiorate.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # the mail would offer to sign up
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT
INVITATION_DAYS = env.int("INVITATION_DAYS", default=7)
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="radiorate@localhost")

# -- headers ---------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "font-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
if not LOCAL:
    # Browsers take a cookie of this name from this very host over https only.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not LOCAL)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# -- language, time, logs --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]  # of readers' pages; the first stands in the code
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = not LOCAL
USE_TZ = True
TIME_ZONE = "UTC"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in LOG_LEVELS:
    raise ImproperlyConfigured(f"LOG_LEVEL is {LOG_LEVEL!r}: it must be one of {', '.join(LOG_LEVELS)}.")
HTTP_CLIENTS = ("httpx", "httpx2", "httpcore", "httpcore2", "openai", "google_genai")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "radiorate.logs.formatter", "renderer": structlog.processors.JSONRenderer()},
        "lines": {
            "()": "radiorate.logs.formatter",
            "renderer": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        },
    },
    "filters": {"expected": {"()": "radiorate.logs.ExpectedRefusals"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "lines" if LOCAL else "json",
            "filters": ["expected"],
        }
    },
    # Each answer has a line of its own, request_finished; Django's second line about a refusal would say less.
    # HTTP clients would log the address of each request, and one that is signed opens a picture to whoever reads it.
    "loggers": {
        "django.request": {"level": "ERROR"},
        **{name: {"level": "WARNING"} for name in HTTP_CLIENTS},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        *logs.HEAD,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

# -- the demonstration of `make run` ---------------------------------------------------------------------------------
PORT = env.int("PORT", default=8000)  # of `make run`, named in the demonstration's sign-ins
DEMO_IMAGES = env.str("RADIORATE_DEMO_IMAGES", default="")  # a folder of real radiographs with a manifest.csv
DEMO_COMMONS_URL = env.str("DEMO_COMMONS_URL", default="https://commons.wikimedia.org/wiki/Special:FilePath")
