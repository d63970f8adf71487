"""Settings of Healthcare CMS. Values come from the environment; `.env.example` lists every variable."""

import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from .geo import library_path

# --- Paths, secrets, debug -------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=True)
TESTING = "pytest" in sys.modules
DEVELOPMENT_KEY = "development-key-that-production-refuses-to-start-with-0123456789"
SECRET_KEY = env.str("SECRET_KEY", default="") or (DEVELOPMENT_KEY if DEBUG else "")
if not DEBUG and (len(SECRET_KEY) < 50 or SECRET_KEY == DEVELOPMENT_KEY):
    raise ImproperlyConfigured("SECRET_KEY must be set to at least 50 random characters when DEBUG is off.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# The host is checked against the `domains` table by TenancyMiddleware; this list is the outer fence in production.
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", ".localhost", "127.0.0.1"] if DEBUG else [])
PLATFORM_HOST = env.str("PLATFORM_HOST", default="localhost")

# --- Apps ------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts.tenancy",  # before django_tenants: its `migrate` command is ours
    "compliance",
    "accounts",
    "media_library",
    "content",
    "healthcare_cms.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_tenants",
    "guardian",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",  # after content, whose `db_worker` is ours
]

# --- Middleware ------------------------------------------------------------------------------------------------------

MIDDLEWARE = [
    # Above tenancy, as a static file belongs to no tenant and needs no transaction.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # First of the rest: all below runs in the tenant's context (and transaction, except SQLite's safe methods).
    "accounts.tenancy.middleware.TenancyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "healthcare_cms.middleware.ContentSecurityPolicyMiddleware",
    "accounts.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    # Right after authentication: from here on the database knows who acts.
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "healthcare_cms.urls"
WSGI_APPLICATION = "healthcare_cms.wsgi.application"

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
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------------------------------------------

# `DATABASE_URL` set but empty counts as unset: SQLite, zero configuration.
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")  # the migrating role; tests and `migrate` use it
POSTGRESQL = DATABASE_URL.startswith(("postgres", "postgis", "pgsql"))

if POSTGRESQL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"] |= {
        "ENGINE": "accounts.tenancy.backends.postgresql",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=300),
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"TEMPLATE": env.str("TEST_DATABASE_TEMPLATE", default="hcms_template")},
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler in transaction mode has no use for WITH HOLD cursors
    }
    if test_name := env.str("TEST_DATABASE_NAME", default=""):
        DATABASES["default"]["TEST"]["NAME"] = test_name
else:
    DATABASES = {
        "default": {
            "ENGINE": "accounts.tenancy.backends.sqlite",
            "NAME": DATABASE_URL.removeprefix("sqlite:///") or str(BASE_DIR / "healthcare_cms_dev.db"),
            "CONN_MAX_AGE": 300,  # opening the file and its pragmas cost more than an article
            "OPTIONS": {
                # Deferred transactions beside a worker end in "database is locked" (docs/architecture.md).
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
            },
            # A file, not memory: browser tests and second connections need to open the same database.
            "TEST": {"NAME": env.str("TEST_DATABASE_NAME", default=str(BASE_DIR / "test_hcms.db"))},
        }
    }
ORIGINAL_BACKEND = "django.contrib.gis.db.backends.postgis"
GDAL_LIBRARY_PATH = library_path("gdal", "pyogrio", "libgdal-*.so*")
GEOS_LIBRARY_PATH = library_path("geos_c", "shapely", "libgeos_c-*.so*")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# django-tenants: the tenant directory. All tenants share the `public` schema (docs/tenancy.md).
TENANT_MODEL = "accounts.Tenant"
TENANT_DOMAIN_MODEL = "accounts.Domain"
TENANT_APPS = ["content"]
SHARED_APPS = INSTALLED_APPS
DATABASE_ROUTERS = ["accounts.tenancy.routers.SharedSchemaRouter"]
TENANT_SYNC_ROUTER = "accounts.tenancy.routers.SharedSchemaRouter"

# --- Authentication --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"] if TESTING else ["accounts.hashers.BoundedArgon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "content:home"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_NAME = "hcms_session" if DEBUG else "__Host-hcms_session"
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_NAME = "hcms_csrf" if DEBUG else "__Host-hcms_csrf"
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail addresses are unique per tenant, and EmailBackend looks inside one tenant
    "guardian.W001",  # object grants are asked by compliance.policy.decide(), not through user.has_perm()
]
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
ANONYMOUS_USER_NAME = None
OTP_TOTP_ISSUER = "Healthcare CMS"
OTP_TOTP_SYNC = False  # a code accepted early must not shift the window away from the person's clock

# --- Security headers ------------------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 0 if DEBUG else 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REFERRER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)  # one of ours, which sets X-Forwarded-Proto and -For
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# --- Language, time, files -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "pt-br"
LANGUAGES = [("pt-br", _("Portuguese (Brazil)")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="America/Sao_Paulo")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = None if DEBUG else BASE_DIR / "staticfiles"  # in development the finders serve them
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", default="") or str(BASE_DIR / "media")
S3_BUCKET = env.str("S3_BUCKET", default="")
STORAGES = {
    "default": (
        {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": S3_BUCKET, "querystring_expire": 300}}
        if S3_BUCKET
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    ),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or TESTING
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False

EMAIL_BACKEND = (
    env.str("EMAIL_BACKEND", default="") or f"django.core.mail.backends.{'console' if DEBUG else 'smtp'}.EmailBackend"
)
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 20  # seconds: a mail server that is down must not hold up the rest
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="healthcare-cms@localhost")

# --- Background jobs -------------------------------------------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# A worker that has not renewed its lease for so long is taken for dead, and its job is given to another.
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=60.0)

# --- Look-up of references (off unless a tenant switches it on) ------------------------------------------------------

LOOKUP_PUBMED_URL = env.str("LOOKUP_PUBMED_URL", default="https://eutils.ncbi.nlm.nih.gov/entrez/eutils")
LOOKUP_CROSSREF_URL = env.str("LOOKUP_CROSSREF_URL", default="https://api.crossref.org")
LOOKUP_SECONDS = 5.0  # for one try of two
LOOKUP_PAUSE = 0.4  # seconds between tries; NCBI allows three requests a second

# --- Logging ---------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Says what it could not read by quoting the file, line by line; the import's report says it to the person.
    "loggers": {"bibtexparser": {"level": "CRITICAL"}},
}

# --- Healthcare CMS --------------------------------------------------------------------------------------------------

# Fixed at the first `migrate`: 'partitions' (default) or 'hypertable' (TimescaleDB).
AUDIT_TRAIL_STORAGE = env.str("AUDIT_TRAIL_STORAGE", default="partitions")
# Daily seals of the trail are appended here, outside the database (docs/audit.md); one file per database.
AUDIT_SEAL_FILE = Path(
    env.str("AUDIT_SEAL_FILE", default="")
    or BASE_DIR / ("audit_seals.jsonl" if POSTGRESQL else "audit_seals_sqlite.jsonl")
)
# 'operator', or 'function' where no superuser can mark ts_match_vq as leakproof (docs/tenancy.md).
SEARCH_FORM = env.str("SEARCH_FORM", default="operator")
# A professional's validation counts this long (domain rule: requires_crm_validation).
REGISTRY_VALIDITY_DAYS = 365
# Fixed TOTP secrets and a known password; refused unless DEBUG.
DEMO_PASSWORD = "demo-healthcare-cms"  # noqa: S105  # public, and refused in production
