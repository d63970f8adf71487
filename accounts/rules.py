"""Who may do what with accounts, and what Django's admin may offer."""

from typing import Any

from compliance.policy import has_capability

# Django asks for `app.verb_model`; each model of the admin maps to one capability. What is not listed is refused.
ADMIN_CAPABILITIES = {
    "content.category": "category.manage",
    "content.post": "post.write_own",
    "accounts.user": "users.manage",
    "compliance.auditentry": "audit.view",
}


def has_admin_permission(user: Any, perm: str) -> bool:
    """Answer of `User.has_perm` for Django's admin: by capability, never by rows of permissions."""
    app_label, _dot, codename = perm.partition(".")
    _verb, _underscore, model = codename.partition("_")
    if perm == "accounts.view_user":  # who validates registries sees the list
        return has_capability(user, "registry.validate")
    capability = ADMIN_CAPABILITIES.get(f"{app_label}.{model}")
    return capability is not None and has_capability(user, capability)
