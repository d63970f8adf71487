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


class ReferenceType(TextChoices):
    """`reference_items.type`: what kind of identifier the reference has (domain rules 3.4)."""

    PUBMED = "pubmed", _("PubMed (PMID)")
    PMC = "pmc", _("PubMed Central (PMCID)")
    DOI = "doi", _("DOI")
    TRIAL = "trial", _("Trial registry")
    SCIELO = "scielo", _("SciELO")
    LILACS = "lilacs", _("LILACS")
    ISBN = "isbn", _("ISBN")
    GUIDELINE = "guideline", _("Guideline or document")
    URL = "url", _("Web address")


class ReferenceKind(TextChoices):
    """`reference_items.csl_type`: what kind of work it is; decides the pattern of the citation."""

    ARTICLE = "article-journal", _("Journal article")
    BOOK = "book", _("Book")
    CHAPTER = "chapter", _("Book chapter")
    REPORT = "report", _("Guideline or report")
    WEBPAGE = "webpage", _("Web page")
    TRIAL = "trial", _("Registered trial")
    THESIS = "thesis", _("Thesis")


class ReferenceCheck(TextChoices):
    """`reference_items.check_result`. `verified_online` comes from a register alone, never from a failed look-up."""

    SYNTAX_VALID = "syntax_valid", _("Form is valid")
    VERIFIED_ONLINE = "verified_online", _("Verified online")
    NOT_FOUND = "not_found", _("Not found in the register")
    MISMATCH = "mismatch", _("Title differs from the register")
    LOOKUP_UNAVAILABLE = "lookup_unavailable", _("Register could not be asked")
