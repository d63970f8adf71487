"""Fill in the demo: two tenants, their people and their articles, made by the same services that people use."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import second_factor, services
from accounts.demo import files
from accounts.enums import Role
from accounts.models import TenantSettings, User
from accounts.tenancy.context import SYSTEM_UUID, platform_context, set_actor, tenant_context
from accounts.tenancy.hosts import forget_hosts, resolve_host
from compliance.enums import ApprovalKind, Capacity, ClaimStatus
from content.enums import PostType
from content.models import Category, Post
from content.reference_files import read_ris
from content.services import claims, publishing, references, review, revisions

PRIVACY_NOTE = "Li o texto e as mídias: nenhum paciente identificável."
EVIDENCE_NOTE = "Afirmações conferidas com as referências citadas."
WITHDRAWAL_REASON = "Orientação superada por recomendação mais recente; retirado até ser atualizado."
# Who gets an authenticator: whoever must have one, and editors, who sign declarations.
WITH_CODE = {"admin", "editor", "reviewer", "compliance", "dpo"}


class Command(BaseCommand):
    """Can be run again: what is there stays, what is missing is made. Each article is one transaction."""

    help = "Create the demo tenants aurora and horizonte, their people and their articles (DEBUG only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's password is public, so it is only made while DEBUG is on.")
        forget_hosts()
        create_platform_admin()
        for description in files.tenants():
            tenant_id = create_tenant(description)
            people = create_people(tenant_id, description)
            with tenant_context(tenant_id, actor=people["admin"], atomic=True):
                categories = create_categories(description["categories"])
                create_settings(description, people["admin"])
            articles = files.articles(description["slug"])
            with tenant_context(tenant_id, actor=people["editor"], atomic=True):
                import_references(articles, people["editor"])
            made = sum(Loader(tenant_id, people, categories).load(article) for article in articles)
            self.stdout.write(f"{description['name']}: {len(people)} people, {made} new articles.")


# --- Tenants and people ----------------------------------------------------------------------------------------------


def create_platform_admin() -> None:
    """platform@platform.example."""
    with platform_context(actor=SYSTEM_UUID, atomic=True):
        if User.objects.filter(email=files.PLATFORM_EMAIL).exists():
            return
        user = services.create_user(
            email=files.PLATFORM_EMAIL,
            role=Role.PLATFORM_ADMIN,
            display_name="Plataforma",
            password=settings.DEMO_PASSWORD,
            actor=SYSTEM_UUID,
        )
        give_device(user)


def create_tenant(description: dict[str, Any]) -> Any:
    """The tenant's id, made where it is missing."""
    domain = f"{description['slug']}.localhost"
    if site := resolve_host(domain):
        return site.tenant_id
    director = description["technical_director"]
    tenant = services.create_tenant(
        name=description["name"],
        slug=description["slug"],
        domain=domain,
        actor=SYSTEM_UUID,
        tagline=description["tagline"],
        description=description["description"],
        contact=files.contact_line(description["contact"])[:255],
        technical_director=director["name"],
        technical_director_registry=", ".join(filter(None, (director["registry"], director["rqe"]))),
    )
    return tenant.pk


def create_settings(description: dict[str, Any], admin: User) -> None:
    """What advertising rules ask of a clinic; without it no physician's text is approved. Saved settings stay."""
    if TenantSettings.objects.exists():
        return
    director = description["technical_director"]
    services.save_settings(
        actor=admin,
        establishment_registry=description["establishment_registry"],
        director_name=director["name"],
        director_registry=director["registry"],
        director_rqe=director["rqe"],
        contact_email=f"compliance@{description['slug']}.example",
        show_review_due=True,
        extra_words=description.get("extra_words", {}),
    )


def create_people(tenant_id: Any, description: dict[str, Any]) -> dict[str, User]:
    """The cast by local part: the system makes the administrator, who makes the others; registries are validated."""
    people: dict[str, User] = {}
    for person in description["people"]:  # the administrator comes first
        actor = people.get("admin", SYSTEM_UUID)
        with tenant_context(tenant_id, actor=actor, atomic=True):
            people[person["local"]] = _person(person, description["slug"], actor)
    officer, admin = people["compliance"], people["admin"]
    for local, user in people.items():
        if user.professional_registry and user.validated_at is None:
            validator = admin if local == "compliance" else officer
            with tenant_context(tenant_id, actor=validator, atomic=True):
                people[local] = services.validate_registry(
                    user,
                    actor=validator,
                    source="Demonstração",
                    evidence="Registro fictício, aceito para demonstração.",
                )
    return people


def _person(person: dict[str, Any], slug: str, actor: Any) -> User:
    email = f"{person['local']}@{slug}.example"
    if user := User.objects.select_related("profile").filter(email=email).first():
        return user
    user = services.create_user(
        email=email,
        role=person["role"],
        display_name=person["display_name"],
        password=settings.DEMO_PASSWORD,
        professional_type=person["professional_type"],
        professional_registry=person["professional_registry"],
        speciality=person["professional_speciality"],
        slug=person["slug"],
        bio=person["bio"],
        actor=actor,
    )
    if person["local"] in WITH_CODE:
        give_device(user)
    return user


def give_device(user: User) -> None:
    """The authenticator with the fixed secret."""
    set_actor(user)
    TOTPDevice.objects.create(
        user=user, name=second_factor.DEVICE_NAME, key=files.totp_key(user.email), confirmed=True
    )
    user.mfa_enabled = True
    user.save(update_fields=["mfa_enabled", "updated_at"])


def create_categories(descriptions: list[dict[str, Any]]) -> dict[str, Category]:
    """The tree by slug; a parent stands before its children."""
    found = {category.slug: category for category in Category.objects.all()}
    for entry in descriptions:
        if entry["slug"] in found:
            continue
        parent = found.get(entry["parent"]) if entry["parent"] else None
        category = Category(
            name=entry["name"],
            slug=entry["slug"],
            description=entry["description"],
            parent=parent,
            level=parent.level + 1 if parent else 0,
            medical_specialty=entry["medical_specialty"],
            compliance_required=entry["crm_validation_required"],
            crm_validation_required=entry["crm_validation_required"],
        )
        category.save(force_insert=True)
        found[entry["slug"]] = category
    return found


def import_references(articles: list[files.Article], editor: User) -> None:
    """The works that the articles cite, from a reference manager's file; known ones stay as they are."""
    cited = {each.removeprefix("DOI:") for article in articles for each in article.references}
    references.import_found(read_ris(files.library(cited)), actor=editor)


# --- Articles --------------------------------------------------------------------------------------------------------


class Loader:
    """Takes one tenant's articles through the real steps, as the people whose steps they are."""

    def __init__(self, tenant_id: Any, people: dict[str, User], categories: dict[str, Category]) -> None:
        self.tenant_id = tenant_id
        self.people = people
        self.categories = categories

    def load(self, article: files.Article) -> int:
        """1 when the article was made, 0 when it was there already."""
        with tenant_context(self.tenant_id, actor=SYSTEM_UUID, atomic=True):
            if Post.objects.filter(slug=article.header["slug"]).exists():
                return 0
            post = self.write(article)
            stage = article.header["stage"]
            if stage != "S.1.1":
                self.submit(post, article)
            steps: dict[str, list[Callable[[Post, files.Article], None]]] = {
                "S.3.1": [self.check_privacy],
                "sent_back": [self.check_privacy, self.send_back],
                "S.4-1.1-3": [self.check_privacy, self.check_evidence],
                "approved": [self.approve],
                "scheduled": [self.approve, self.schedule],
                "published": [self.approve, self.publish],
                "working_copy": [self.approve, self.publish, self.edit],
                "withdrawn": [self.approve, self.publish, self.withdraw],
            }
            for step in steps.get(stage, []):
                step(post, article)
        return 1

    def act_as(self, local: str) -> User:
        """From here on this person acts."""
        user = self.people[local]
        set_actor(user)
        return user

    def write(self, article: files.Article) -> Post:
        """A first draft and the finished text. The date of the draft is the only thing that is backdated here."""
        header, author = article.header, self.act_as(article.header["author"])
        first = {
            "title": header["title"],
            "slug": header["slug"],
            "content": article.first_draft,
            "compliance_level": header["level"],
            "medical_category": header["medical_category"],
            "category_id": self.categories[header["category"]].pk,
        }
        post = revisions.create_post(actor=author, changes=first, post_type=PostType.POST)
        written_at = timezone.now() - timedelta(days=int(header["days_ago"]), hours=30)
        Post.objects.filter(pk=post.pk).update(inserted_at=written_at)
        finished = {
            "content": article.cited_body,
            "excerpt": header["excerpt"],
            "meta_description": header["meta_description"],
            "medical_disclaimer": header["disclaimer"],
            "scientific_references": article.references,
            "custom_fields": article.fields,
        }
        revisions.save_revision(post, actor=author, changes=finished, summary="Texto completo, com referências.")
        return post

    def submit(self, post: Post, article: files.Article) -> None:
        review.submit(post, actor=self.act_as(article.header["author"]))

    def check_privacy(self, post: Post, article: files.Article) -> None:
        review.advance(post, actor=self.act_as("editor"), confirmed=True, note=PRIVACY_NOTE)

    def check_evidence(self, post: Post, article: files.Article) -> None:
        """Each claim is validated with what the text cites beside it, else with the first reference of its list."""
        reviewer = self.act_as("reviewer")
        for key, claim in (revisions.open_run(post).medical_claims or {}).items():
            if not claim["references"]:
                claims.link(post, key, actor=reviewer, references=article.references[:1])
            claims.decide(post, key, actor=reviewer, status=ClaimStatus.VALIDATED, evidence_level="2")
        review.advance(post, actor=self.act_as("reviewer"), confirmed=True, note=EVIDENCE_NOTE)

    def send_back(self, post: Post, article: files.Article) -> None:
        review.send_back(post, actor=self.act_as("reviewer"), reason=article.header["sent_back_reason"])

    def approve(self, post: Post, article: files.Article) -> None:
        """All signatures that the text needs: medical ones by two people, or the editor's declaration."""
        if not article.header["medical_category"] and not post.requires_crm_validation:
            editor = self.act_as("editor")
            statement = "Declaro que o texto não trata de assunto médico."
            review.sign(
                post, actor=editor, kind=ApprovalKind.NON_MEDICAL, capacity=Capacity.DECLARATION, statement=statement
            )
            return
        self.check_privacy(post, article)
        self.check_evidence(post, article)
        if post.requires_crm_validation:
            statement = "Revisei o conteúdo técnico e assino como profissional."
            review.sign(post, actor=self.act_as("reviewer"), capacity=Capacity.PROFESSIONAL, statement=statement)
        statement = "Li este texto e aprovo a publicação exatamente nesta redação."
        review.sign(post, actor=self.act_as("compliance"), capacity=Capacity.COMPLIANCE, statement=statement)

    def publish(self, post: Post, article: files.Article) -> None:
        published_at = timezone.now() - timedelta(days=int(article.header["days_ago"]))
        publishing.publish_revision(post, actor=self.act_as("editor"), published_at=published_at)

    def schedule(self, post: Post, article: files.Article) -> None:
        publishing.publish_revision(post, actor=self.act_as("editor"), scheduled_at=timezone.now() + timedelta(days=7))

    def edit(self, post: Post, article: files.Article) -> None:
        """A newer draft beside the live text."""
        author = self.act_as(article.header["author"])
        content = f"{article.body}\n<p>{article.header['edit']}</p>"
        revisions.save_revision(post, actor=author, changes={"content": content}, summary="Atualização em preparo.")

    def withdraw(self, post: Post, article: files.Article) -> None:
        review.withdraw(post, actor=self.act_as("compliance"), reason=WITHDRAWAL_REASON)
