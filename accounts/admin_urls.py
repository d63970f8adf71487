"""Addresses of the organization's settings, under `/admin/settings/`."""

from django.contrib import admin
from django.urls import path

from accounts.views import settings

guard = admin.site.admin_view

urlpatterns = [
    path("", guard(settings.settings), name="tenant_settings"),
    path("jobs/", guard(settings.background_jobs), name="background_jobs"),
]
