"""The host name for links in mails: the web role cannot read `domains`, and outside a request no host is known."""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

# Definer, as resolve_host() is: it answers for the active tenant and for no other.
PRIMARY_DOMAIN = """
CREATE FUNCTION primary_domain() RETURNS varchar
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT d.domain FROM domains d WHERE d.tenant_id = current_tenant_id()
    ORDER BY d.is_primary DESC, d.domain LIMIT 1
$$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_create_tenant_settings")]

    operations = [
        VendorSQL(
            "Create primary_domain()",
            postgresql=[
                PRIMARY_DOMAIN,
                "REVOKE ALL ON FUNCTION primary_domain() FROM PUBLIC",
                "GRANT EXECUTE ON FUNCTION primary_domain() TO hcms_app",
            ],
            postgresql_reverse="DROP FUNCTION primary_domain()",
        ),
    ]
