"""The order of the home page: sticky first, then newest."""

from django.db import migrations

from accounts.tenancy.models import Index


class Migration(migrations.Migration):
    dependencies = [("content", "0008_create_search_function")]

    operations = [
        migrations.AddIndex(
            model_name="publishedpage",
            index=Index(fields=["tenant", "-sticky", "-published_at"], name="idx_published_pages_tenant_sticky"),
        ),
    ]
