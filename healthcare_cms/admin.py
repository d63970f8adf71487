"""The admin site: Django's, in the WordPress manner, with a second factor where the role asks for one."""

from django.contrib import admin
from django.http import HttpRequest


class HealthcareAdminSite(admin.AdminSite):
    """Sign-in happens at `accounts:sign_in`; who may enter is decided by role and second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not (user.is_authenticated and user.is_staff):
            return False
        return user.is_verified() or not user.needs_second_factor
