"""Makes our admin site the default one."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin with the site of `healthcare_cms.admin`."""

    default_site = "healthcare_cms.admin.HealthcareAdminSite"
