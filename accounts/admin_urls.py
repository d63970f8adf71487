"""Addresses of the organization's settings, under `/admin/settings/`."""

from django.contrib import admin
from django.urls import path

from accounts.views import settings

urlpatterns = [path("", admin.site.admin_view(settings.settings), name="tenant_settings")]
