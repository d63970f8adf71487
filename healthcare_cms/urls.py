"""Addresses: each app's own, and the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),  # before the content, which answers at every `/<slug>/`
]
