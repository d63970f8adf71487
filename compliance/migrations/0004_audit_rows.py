"""Audit triggers of the compliance tables."""

from django.db import migrations

from accounts.tenancy.operations import Audited


class Migration(migrations.Migration):
    dependencies = [("compliance", "0003_create_audit_functions")]

    operations = [
        Audited(
            "workflow_states",
            resource_type="workflow",
            columns=[
                "current_stage",
                "lgpd_score",
                "medical_claims",
                "scientific_references",
                "compliance_validations",
                "revision_id",
                "content_hash",
                "content_id",
            ],
        ),
        Audited("approvals", resource_type="approval", columns=["sequence"]),
    ]
