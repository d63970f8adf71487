"""Closed lists of the content app. The stored values are those of the schema document."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PostStatus(TextChoices):
    """`posts.status`. The last two need an approval of exactly the live wording."""

    DRAFT = "draft", _("Draft")
    PENDING = "pending", _("In review")
    ARCHIVED = "archived", _("Withdrawn")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")


LIVE_STATUSES = (PostStatus.SCHEDULED, PostStatus.PUBLISHED)


class PostType(TextChoices):
    """`posts.post_type`."""

    POST = "post", _("Post")
    PAGE = "page", _("Page")


class ComplianceLevel(TextChoices):
    """`posts.compliance_level`: who may read it (access matrix of the domain rules)."""

    PUBLIC = "public", _("Public")
    PROFESSIONAL = "professional", _("Professionals")
    RESTRICTED = "restricted", _("Restricted")
    PHI = "phi", _("Patient data (PHI)")


class MedicalCategory(TextChoices):
    """`posts.medical_category`: the ten medical categories; NULL is not medical."""

    GENERAL = "clinica_medica", _("Internal medicine")
    CARDIOLOGY = "cardiologia", _("Cardiology")
    PAEDIATRICS = "pediatria", _("Paediatrics")
    OBSTETRICS = "ginecologia_obstetricia", _("Gynaecology and obstetrics")
    ONCOLOGY = "oncologia", _("Oncology")
    NEUROLOGY = "neurologia", _("Neurology")
    MENTAL_HEALTH = "saude_mental", _("Mental health")
    SURGERY = "cirurgia", _("Surgery")
    INFECTIOUS = "infectologia_vacinas", _("Infectious diseases and vaccines")
    PREVENTION = "prevencao_bem_estar", _("Prevention and well-being")


class DiscussionStatus(TextChoices):
    """`comment_status` and `ping_status`."""

    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


class Significance(TextChoices):
    """`custom_fields.medical_significance`."""

    NONE = "none", _("None")
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")
