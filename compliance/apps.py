"""Workflow, approvals, audit trail."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Floor 1: it knows no post; it gets ids, text and an actor."""

    name = "compliance"
