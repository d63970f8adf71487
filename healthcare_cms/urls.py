"""Addresses: each app's own, and the admin."""

from django.contrib import admin
from django.urls import include, path

from content.views import site
from healthcare_cms import health

handler404 = "content.views.site.page_not_found"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),  # before the content, which answers at every `/<slug>/`
    path("i18n/setlang/", site.set_language, name="set_language"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("content.urls")),  # last: it answers everything
]
