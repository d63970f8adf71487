"""Check the audit trail against its seals. Exit code 1 when anything differs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.management.commands.audit_seal import PLATFORM, tenants_to_check
from compliance.seals.file import SealFile, SealFileError
from compliance.seals.verification import verify_tenant


class Command(BaseCommand):
    """Names every day, and where it can every row, that is not as it was sealed."""

    help = "Checks the audit trail against the seal file; names what was changed, removed or inserted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help=f"only this tenant, or '{PLATFORM}'")

    def handle(self, *args: Any, tenant: str | None = None, **options: Any) -> None:
        file = SealFile(Path(settings.AUDIT_SEAL_FILE))
        try:
            with file.locked(exclusive=False):
                bad = self.verify(file, tenant)
        except SealFileError as error:
            raise CommandError(str(error)) from error
        if bad:
            raise CommandError(f"{bad} findings: the audit trail is not what was sealed.")

    def verify(self, file: SealFile, slug: str | None) -> int:
        """Print the findings of each tenant, the first one first; their number."""
        sealed = file.read()
        bad = days = 0
        for tenant_id, name in tenants_to_check(slug, sealed).items():
            chain = sealed.get(tenant_id, [])
            findings = verify_tenant(tenant_id, chain, file)
            for finding in findings:
                self.stdout.write(f"{name} {finding.day} {finding.kind}: {finding.message}.")
            if not chain:
                self.stdout.write(f"{name}: nothing sealed yet.")
            bad, days = bad + len(findings), days + len(chain)
        self.stdout.write(f"Checked {days} sealed days.")
        return bad
