"""Refusals of the account services, in the user's language."""

from django.utils.translation import gettext_lazy as _

from compliance.errors import Refused

# Codes are stable; tests compare codes, people read messages.
MESSAGES = {
    "forbidden": _("Only an administrator of this organization manages its users."),
    "own_account": _(
        "Nobody changes the role, the validation or the existence of their own account. Ask a colleague."
    ),
    "last_administrator": _("This is the last active administrator. Make somebody else an administrator first."),
    "role_unknown": _("“%(role)s” is not a role of an organization. Choose one from the list."),
    "email": _("“%(email)s” is not an e-mail address. Correct it and save again."),
    "email_taken": _("An account with the e-mail %(email)s already exists here. Use another address."),
    "password": _("The password was not accepted: %(reasons)s"),
    "registry": _("“%(registry)s” is not a registry of this profession. Write it like “%(example)s”."),
    "registry_profession": _("Choose the profession to which the registry belongs."),
    "registry_taken": _("The registry %(registry)s already belongs to another account of this organization."),
    "registry_missing": _("The account has no professional registry. Enter the registry before it is validated."),
    "validation_evidence": _("Write where the registry was checked and what was found, in at least ten characters."),
    "deleted": _("This account has been removed. Create a new one instead."),
    "slug": _("“%(slug)s” cannot be used: lower-case letters, digits and hyphens, at most 63 characters."),
    "slug_taken": _("An organization with the short name “%(slug)s” already exists. Choose another one."),
    "domain": _(
        "“%(domain)s” is not a host name. Write it like “clinic.example”, without https:// and without a port."
    ),
    "domain_taken": _("The domain %(domain)s is already in use. Choose another one."),
    "platform_host": _("%(domain)s is the address of the platform itself. Choose another one."),
    "settings": _("Only an administrator of this organization changes its settings."),
    "establishment_registry": _(
        "“%(value)s” is not a registry of a council. Write it like “CRM/SP 123456”, with the council and its state."
    ),
    "director_registry": _("“%(value)s” is not a registry of a professional. Write it like “CRM/SP 123456”."),
    "director_rqe": _("“%(value)s” is not a speciality registry. Write it like “RQE 12345”."),
    "director_name": _("Write the technical director's name as well: the registry belongs to a person."),
    "review_months": _("Between 1 and 120 months."),
    "extra_words": _("“%(value)s” cannot be added: each word needs three letters or more and at most 80 characters."),
    "extra_words_many": _("At most %(value)s words of your own fit into one list."),
    "name": _("The name is missing. Write the name of the organization or of the person."),
}


class AccountRefused(Refused):
    """An act on accounts was refused. `code` is stable; `str()` is the sentence for the user."""

    def __str__(self) -> str:
        return str(MESSAGES[self.code]) % self.params
