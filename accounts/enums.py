"""Closed lists of the accounts app. The stored values are those of the schema document."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """`users.role`. One role per account; `professional` is not a role but a validated subscriber."""

    SUBSCRIBER = "subscriber", _("Subscriber")
    CONTRIBUTOR = "contributor", _("Contributor")
    AUTHOR = "author", _("Author")
    EDITOR = "editor", _("Editor")
    MEDICAL_REVIEWER = "medical_reviewer", _("Medical reviewer")
    COMPLIANCE_OFFICER = "compliance_officer", _("Compliance officer")
    ADMINISTRATOR = "administrator", _("Administrator")
    DPO = "dpo", _("Data protection officer")
    PLATFORM_ADMIN = "platform_admin", _("Platform administrator")


class ProfessionalType(TextChoices):
    """`users.professional_type`: a property, not a role."""

    PHYSICIAN = "medico", _("Physician")
    PSYCHOLOGIST = "psicologo", _("Psychologist")
    NURSE = "enfermeiro", _("Nurse")
    DENTIST = "dentista", _("Dentist")
    PHARMACIST = "farmaceutico", _("Pharmacist")
    NUTRITIONIST = "nutricionista", _("Nutritionist")
    PHYSIOTHERAPIST = "fisioterapeuta", _("Physiotherapist")
    OTHER = "outro", _("Other")


# Who must sign in with a second factor (domain rules, roles and capabilities).
SECOND_FACTOR_ROLES = frozenset(
    {Role.ADMINISTRATOR, Role.COMPLIANCE_OFFICER, Role.DPO, Role.PLATFORM_ADMIN, Role.MEDICAL_REVIEWER}
)
# Who may enter the admin at all.
STAFF_ROLES = frozenset(Role.values) - {Role.SUBSCRIBER}
