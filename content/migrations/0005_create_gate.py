"""The gate: nothing is live in a wording that was not signed. Triggers on both databases, definer functions on one."""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

# Every check below reads after it has waited for a lock, so it must see what was committed meanwhile. A repeatable-read
# transaction keeps its old snapshot: it published a text that had been withdrawn, and one with an unsigned field.
REQUIRE_READ_COMMITTED = """
CREATE FUNCTION require_read_committed() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'HC001',
            MESSAGE = 'HC001: not allowed under another isolation level than read committed';
    END IF;
END $$
"""
APPROVAL_STANDS = """
CREATE FUNCTION approval_stands(p_post uuid, p_hash text, p_medical boolean, p_professional boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE
    withdrawn bigint;
BEGIN
    SELECT coalesce(max(sequence), 0) INTO withdrawn FROM approvals WHERE content_id = p_post AND action = 'withdraw';
    IF NOT p_medical AND EXISTS (
        SELECT FROM approvals a WHERE a.content_id = p_post AND a.content_hash = p_hash AND a.sequence > withdrawn
            AND a.action = 'sign' AND a.kind = 'non_medical' AND a.capacity = 'declaration'
    ) THEN
        RETURN true;
    END IF;
    RETURN EXISTS (
        SELECT FROM approvals a WHERE a.content_id = p_post AND a.content_hash = p_hash AND a.sequence > withdrawn
            AND a.action = 'sign' AND a.kind = 'medical' AND a.capacity = 'compliance'
            AND (NOT p_professional OR EXISTS (
                SELECT FROM approvals b WHERE b.content_id = p_post AND b.content_hash = p_hash
                    AND b.sequence > withdrawn AND b.action = 'sign' AND b.kind = 'medical'
                    AND b.capacity = 'professional' AND b.user_id <> a.user_id))
    );
END $$
"""
# No category and level 'public' is what may be declared non-medical; no level at all counts as medical.
IS_MEDICAL = (
    "(coalesce({0}.medical_category, '') <> '' OR coalesce({0}.compliance_level, '') <> 'public'"
    " OR coalesce({0}.requires_crm_validation, false))"
)
ZZ_GATE = f"""
CREATE FUNCTION zz_gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    r post_revisions%ROWTYPE;
    h text;
BEGIN
    PERFORM require_read_committed();
    -- The same lock as sign() and withdraw(): without it a text withdrawn meanwhile stayed published.
    PERFORM FROM workflow_states w WHERE w.content_id = NEW.id ORDER BY w.id FOR UPDATE;
    SELECT * INTO r FROM post_revisions v WHERE v.id = NEW.published_revision_id AND v.post_id = NEW.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'HC001', MESSAGE = 'HC001: not published, no approved revision is named';
    END IF;
    h := live_hash(NEW, r.scientific_references, r.media_ids);
    IF h IS DISTINCT FROM r.content_hash THEN
        RAISE EXCEPTION USING ERRCODE = 'HC001', MESSAGE = 'HC001: not published, the text differs from its revision';
    END IF;
    IF NEW.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'HC001', MESSAGE = 'HC001: not published, the text is in the trash';
    END IF;
    IF NOT approval_stands(NEW.id, h, {IS_MEDICAL.format("NEW")}, coalesce(NEW.requires_crm_validation, false)) THEN
        RAISE EXCEPTION USING ERRCODE = 'HC001', MESSAGE = 'HC001: not published, this wording is not approved';
    END IF;
    RETURN NEW;
END $$
"""
# Invariant: no page outlives its post's publication, whichever door closed it.
UNPUBLISH = """
CREATE FUNCTION remove_page() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_read_committed();
    DELETE FROM published_pages WHERE post_id = NEW.id;
    RETURN NULL;
END $$
"""
# Invariant: fields and terms of a live post stand still. The lock on the post closes the race with publishing.
GUARD_CHILD = """
CREATE FUNCTION guard_live_child() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    parent uuid;
    live boolean;
BEGIN
    PERFORM require_read_committed();
    FOREACH parent IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.post_id] WHEN 'DELETE' THEN ARRAY[OLD.post_id]
                            ELSE ARRAY[OLD.post_id, NEW.post_id] END
    LOOP
        SELECT p.status IN ('published', 'scheduled') INTO live FROM posts p WHERE p.id = parent FOR NO KEY UPDATE;
        IF live THEN
            RAISE EXCEPTION USING ERRCODE = 'HC001',
                MESSAGE = format('HC001: %s of a live post cannot change', TG_TABLE_NAME);
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
"""
# Invariant: the page shows the live, approved wording and nothing else. The lock makes an unpublishing transaction wait
# and then find the page; without it a page written meanwhile outlived its post.
GUARD_PAGE = """
CREATE FUNCTION zz_page_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_read_committed();
    PERFORM FROM posts p JOIN post_revisions r ON r.id = p.published_revision_id
    WHERE p.id = NEW.post_id AND p.status = 'published' AND p.deleted_at IS NULL
        AND r.id = NEW.revision_id AND r.content_hash = NEW.content_hash
        AND NEW.slug = p.slug AND NEW.title = p.title AND NEW.content IS NOT DISTINCT FROM p.content
        AND NEW.excerpt IS NOT DISTINCT FROM p.excerpt
        AND NEW.medical_disclaimer IS NOT DISTINCT FROM p.medical_disclaimer
        AND NEW.meta_description IS NOT DISTINCT FROM p.meta_description
        AND NEW.compliance_level IS NOT DISTINCT FROM p.compliance_level
        AND NEW.medical_category IS NOT DISTINCT FROM p.medical_category
        AND NEW.author_id = p.author_id AND NEW.category_id IS NOT DISTINCT FROM p.category_id
    FOR NO KEY UPDATE OF p;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'HC001', MESSAGE = 'HC001: the page differs from the approved live text';
    END IF;
    RETURN NEW;
END $$
"""
STAGE_RANK = "array_position(ARRAY['S.1.1', 'S.2.1', 'S.3.1', 'S.4-1.1-3', 'approved'], {0}::text)"
# Invariant: stages are passed one by one, and `approved` is set by a signature, by nothing else.
ZZ_STAGE = f"""
CREATE FUNCTION zz_stage() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF current_user = 'hcms_gate' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' AND NEW.current_stage IS DISTINCT FROM 'S.1.1' THEN
        RAISE EXCEPTION USING ERRCODE = 'HC002', MESSAGE = 'HC002: stage, a run begins at S.1.1';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.content_id IS DISTINCT FROM OLD.content_id THEN
        RAISE EXCEPTION USING ERRCODE = 'HC002', MESSAGE = 'HC002: stage, a run belongs to one text';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.current_stage IS DISTINCT FROM OLD.current_stage AND (
        NEW.current_stage IS NULL OR NEW.current_stage = 'approved' OR OLD.current_stage = 'approved'
        OR {STAGE_RANK.format("NEW.current_stage")} IS NULL
        OR {STAGE_RANK.format("NEW.current_stage")} > {STAGE_RANK.format("OLD.current_stage")} + 1
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'HC002',
            MESSAGE = format('HC002: stage, no step from %s to %s', OLD.current_stage, NEW.current_stage);
    END IF;
    RETURN NEW;
END $$
"""
REFUSE_SIGNATURE = """
CREATE FUNCTION refuse_signature(code text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'HC002', MESSAGE = 'HC002: ' || code;
END $$
"""
SIGN = f"""
CREATE FUNCTION sign(p_post uuid, p_revision uuid, p_kind text, p_capacity text, p_statement text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    actor uuid := NULLIF(current_setting('app.user_id', true), '')::uuid;
    u users%ROWTYPE;
    r post_revisions%ROWTYPE;
    w workflow_states%ROWTYPE;
    last_approved integer;
    withdrawn bigint;
    seq bigint;
BEGIN
    PERFORM require_read_committed();
    SELECT * INTO u FROM users WHERE id = actor AND tenant_id = current_tenant_id() AND deleted_at IS NULL;
    IF NOT FOUND THEN PERFORM refuse_signature('no_actor'); END IF;
    IF length(trim(coalesce(p_statement, ''))) < 3 THEN PERFORM refuse_signature('statement'); END IF;
    -- Locks in one order everywhere: the post, then its runs.
    PERFORM FROM posts WHERE id = p_post FOR NO KEY UPDATE;
    IF NOT FOUND THEN PERFORM refuse_signature('not_found'); END IF;
    PERFORM FROM workflow_states WHERE content_id = p_post ORDER BY id FOR UPDATE;
    SELECT * INTO r FROM post_revisions WHERE id = p_revision AND post_id = p_post;
    IF NOT FOUND THEN PERFORM refuse_signature('not_found'); END IF;
    IF EXISTS (SELECT FROM post_revisions WHERE post_id = p_post AND number > r.number) THEN
        PERFORM refuse_signature('stale');
    END IF;
    SELECT * INTO w FROM workflow_states WHERE content_id = p_post AND current_stage <> 'approved';
    IF NOT FOUND THEN PERFORM refuse_signature('stage'); END IF;
    IF w.revision_id IS DISTINCT FROM r.id OR w.content_hash IS DISTINCT FROM r.content_hash
        OR r.content_hash IS DISTINCT FROM revision_hash(r) THEN
        PERFORM refuse_signature('stale');
    END IF;
    -- As what, and by whom (domain rules: roles and capabilities, requires_crm_validation).
    IF p_kind = 'medical' AND p_capacity IN ('compliance', 'professional') THEN
        IF w.current_stage <> 'S.4-1.1-3' THEN PERFORM refuse_signature('stage'); END IF;
        IF p_capacity = 'compliance' AND u.role <> 'compliance_officer' THEN PERFORM refuse_signature('role'); END IF;
        IF p_capacity = 'professional' THEN
            IF u.role <> 'medical_reviewer' THEN PERFORM refuse_signature('role'); END IF;
            IF coalesce(u.professional_registry, '') = '' OR u.validated_at IS NULL
                OR u.validated_at < now() - interval '365 days' THEN
                PERFORM refuse_signature('registry');
            END IF;
        END IF;
    ELSIF p_kind = 'non_medical' AND p_capacity = 'declaration' THEN
        IF u.role <> 'editor' THEN PERFORM refuse_signature('role'); END IF;
        IF w.current_stage = 'S.1.1' THEN PERFORM refuse_signature('stage'); END IF;
        IF {IS_MEDICAL.format("r")} THEN PERFORM refuse_signature('medical'); END IF;
    ELSE
        PERFORM refuse_signature('role');
    END IF;
    -- Four eyes: not the author, not anyone who saved a revision since the last approval. Half of a double signature is
    -- none yet.
    SELECT coalesce(max(v.number), 0) INTO last_approved
    FROM approvals a JOIN post_revisions v ON v.id = a.revision_id
    WHERE a.content_id = p_post AND a.action = 'sign' AND a.content_hash <> r.content_hash
        AND (a.capacity = 'declaration' OR a.capacity = 'compliance' AND (NOT v.requires_crm_validation OR EXISTS (
            SELECT FROM approvals b WHERE b.content_id = p_post AND b.content_hash = a.content_hash
                AND b.action = 'sign' AND b.capacity = 'professional' AND b.user_id <> a.user_id)));
    IF NOT (p_kind = 'non_medical' AND (SELECT own_declaration_allowed FROM tenants WHERE id = r.tenant_id)) THEN
        IF r.author_id = actor THEN PERFORM refuse_signature('author'); END IF;
        IF EXISTS (SELECT FROM post_revisions v
                   WHERE v.post_id = p_post AND v.number > last_approved AND v.saved_by_id = actor) THEN
            PERFORM refuse_signature('saved');
        END IF;
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof(w.compliance_validations -> 'findings')
                   WHEN 'array' THEN w.compliance_validations -> 'findings' ELSE '[]' END) f
               WHERE f ->> 'severity' = 'block' AND coalesce(f ->> 'status', 'open') = 'open') THEN
        PERFORM refuse_signature('findings');
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(coalesce(w.medical_claims, '{{}}')) c
               WHERE coalesce(c.value ->> 'status', 'open') NOT IN ('rejected', 'not_a_claim')
                   AND (coalesce(c.value ->> 'validated', 'false') <> 'true'
                        OR coalesce(c.value ->> 'reference', '') = '')) THEN
        PERFORM refuse_signature('claims');
    END IF;
    SELECT coalesce(max(sequence), 0) INTO withdrawn FROM approvals WHERE content_id = p_post AND action = 'withdraw';
    IF EXISTS (SELECT FROM approvals a WHERE a.content_id = p_post AND a.content_hash = r.content_hash
               AND a.sequence > withdrawn AND a.action = 'sign' AND (a.user_id = actor OR a.capacity = p_capacity)) THEN
        PERFORM refuse_signature('already_signed');
    END IF;
    SELECT coalesce(max(sequence), 0) + 1 INTO seq FROM approvals WHERE content_id = p_post;
    INSERT INTO approvals (id, tenant_id, sequence, content_id, revision_id, content_hash, action, kind, capacity,
        user_id, registry, statement, created_at)
    VALUES (gen_random_uuid(), r.tenant_id, seq, p_post, r.id, r.content_hash, 'sign', p_kind, p_capacity,
        actor, u.professional_registry, p_statement, clock_timestamp());
    IF approval_stands(p_post, r.content_hash, {IS_MEDICAL.format("r")}, r.requires_crm_validation) THEN
        UPDATE workflow_states SET current_stage = 'approved', updated_at = clock_timestamp() WHERE id = w.id;
    END IF;
    RETURN seq;
END $$
"""
WITHDRAW = """
CREATE FUNCTION withdraw(p_post uuid, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    actor uuid := NULLIF(current_setting('app.user_id', true), '')::uuid;
    u users%ROWTYPE;
    run uuid;
    seq bigint;
BEGIN
    PERFORM require_read_committed();
    SELECT * INTO u FROM users WHERE id = actor AND tenant_id = current_tenant_id() AND deleted_at IS NULL;
    IF NOT FOUND THEN PERFORM refuse_signature('no_actor'); END IF;
    IF u.role NOT IN ('compliance_officer', 'editor', 'administrator') THEN PERFORM refuse_signature('role'); END IF;
    IF length(trim(coalesce(p_reason, ''))) < 10 THEN PERFORM refuse_signature('statement'); END IF;
    PERFORM FROM posts WHERE id = p_post FOR NO KEY UPDATE;
    IF NOT FOUND THEN PERFORM refuse_signature('not_found'); END IF;
    PERFORM FROM workflow_states WHERE content_id = p_post ORDER BY id FOR UPDATE;
    SELECT coalesce(max(sequence), 0) + 1 INTO seq FROM approvals WHERE content_id = p_post;
    IF seq = 1 THEN PERFORM refuse_signature('nothing_signed'); END IF;
    INSERT INTO approvals (id, tenant_id, sequence, content_id, action, user_id, registry, statement, created_at)
    VALUES (gen_random_uuid(), u.tenant_id, seq, p_post, 'withdraw', actor, u.professional_registry, p_reason,
        clock_timestamp());
    UPDATE posts SET status = 'archived', published_revision_id = NULL, scheduled_at = NULL,
        updated_at = clock_timestamp()
    WHERE id = p_post AND status IN ('published', 'scheduled');
    -- The newest approved run goes back to writing, unless a working copy is already open.
    IF NOT EXISTS (SELECT FROM workflow_states WHERE content_id = p_post AND current_stage <> 'approved') THEN
        SELECT id INTO run FROM workflow_states WHERE content_id = p_post ORDER BY created_at DESC, id DESC LIMIT 1;
        UPDATE workflow_states SET current_stage = 'S.1.1', updated_at = clock_timestamp() WHERE id = run;
    END IF;
    RETURN seq;
END $$
"""
SIGN_ARGS = "sign(uuid, uuid, text, text, text)"
WITHDRAW_ARGS = "withdraw(uuid, text)"
STANDS_ARGS = "approval_stands(uuid, text, boolean, boolean)"

# --- SQLite: the same triggers. Signing is the service there. --------------------------------------------------------

LIVE_JSON = """json_object(
    'scalars', json_object('title', NEW.title, 'slug', NEW.slug, 'content', NEW.content, 'excerpt', NEW.excerpt,
        'disclaimer', NEW.medical_disclaimer, 'meta_description', NEW.meta_description,
        'meta_keywords', NEW.meta_keywords, 'author_id', NEW.author_id, 'compliance_level', NEW.compliance_level,
        'medical_category', NEW.medical_category, 'requires_crm_validation', NEW.requires_crm_validation,
        'category_id', NEW.category_id),
    'terms', json((SELECT json_group_array(category_id) FROM post_categories WHERE post_id = NEW.id)),
    'fields', json((SELECT json_group_object(meta_key, meta_value) FROM custom_fields WHERE post_id = NEW.id)),
    'references', json(r.scientific_references), 'media', json(r.media_ids))"""
IS_MEDICAL_SQLITE = (
    "(COALESCE(NEW.medical_category, '') <> '' OR COALESCE(NEW.compliance_level, '') <> 'public'"
    " OR COALESCE(NEW.requires_crm_validation, 0))"
)
AFTER_WITHDRAWAL = (
    "COALESCE((SELECT MAX(x.sequence) FROM approvals x WHERE x.content_id = NEW.id AND x.action = 'withdraw'), 0)"
)
SIGNED_SQLITE = f"""
    a.content_id = NEW.id AND a.content_hash = r.content_hash AND a.action = 'sign' AND a.sequence > {AFTER_WITHDRAWAL}
    AND ((a.capacity = 'declaration' AND a.kind = 'non_medical' AND NOT {IS_MEDICAL_SQLITE})
        OR (a.capacity = 'compliance' AND a.kind = 'medical' AND (NOT COALESCE(NEW.requires_crm_validation, 0)
            OR EXISTS (SELECT 1 FROM approvals b WHERE b.content_id = NEW.id AND b.content_hash = r.content_hash
                AND b.action = 'sign' AND b.kind = 'medical' AND b.capacity = 'professional'
                AND b.user_id <> a.user_id AND b.sequence > {AFTER_WITHDRAWAL}))))"""


def gate_sqlite(verb: str) -> str:
    """zz_gate for INSERT or UPDATE."""
    return f"""
    CREATE TRIGGER zz_gate_{verb.lower()} BEFORE {verb} ON posts WHEN NEW.status IN ('published', 'scheduled')
    BEGIN
        SELECT RAISE(ABORT, 'HC001: not published, no approved revision is named') WHERE NOT EXISTS
            (SELECT 1 FROM post_revisions r WHERE r.id = NEW.published_revision_id AND r.post_id = NEW.id);
        SELECT RAISE(ABORT, 'HC001: not published, the text is in the trash') WHERE NEW.deleted_at IS NOT NULL;
        SELECT RAISE(ABORT, 'HC001: not published, the text differs from its revision') FROM post_revisions r
            WHERE r.id = NEW.published_revision_id AND r.content_hash <> hc001_content_hash({LIVE_JSON});
        SELECT RAISE(ABORT, 'HC001: not published, this wording is not approved') FROM post_revisions r
            WHERE r.id = NEW.published_revision_id AND NOT EXISTS (SELECT 1 FROM approvals a WHERE {SIGNED_SQLITE});
    END
    """


def child_sqlite(table: str, verb: str) -> str:
    """guard_live_child for one table and verb."""
    rows = {"INSERT": ["NEW"], "DELETE": ["OLD"], "UPDATE": ["OLD", "NEW"]}[verb]
    parents = ", ".join(f"{row}.post_id" for row in rows)
    return f"""
    CREATE TRIGGER guard_{table}_{verb.lower()} BEFORE {verb} ON {table}
    BEGIN
        SELECT RAISE(ABORT, 'HC001: {table} of a live post cannot change') WHERE EXISTS
            (SELECT 1 FROM posts WHERE id IN ({parents}) AND status IN ('published', 'scheduled'));
    END
    """


def page_sqlite(verb: str) -> str:
    """zz_page_gate."""
    same = " AND ".join(
        f"NEW.{column} IS p.{column}"
        for column in (
            "slug",
            "title",
            "content",
            "excerpt",
            "medical_disclaimer",
            "meta_description",
            "compliance_level",
            "medical_category",
            "author_id",
            "category_id",
        )
    )
    return f"""
    CREATE TRIGGER zz_page_gate_{verb.lower()} BEFORE {verb} ON published_pages
    BEGIN
        SELECT RAISE(ABORT, 'HC001: the page differs from the approved live text') WHERE NOT EXISTS
            (SELECT 1 FROM posts p JOIN post_revisions r ON r.id = p.published_revision_id
             WHERE p.id = NEW.post_id AND p.status = 'published' AND p.deleted_at IS NULL
                AND r.id = NEW.revision_id AND r.content_hash = NEW.content_hash AND {same});
    END
    """


REMOVE_PAGE_SQLITE = """
CREATE TRIGGER zz_remove_page AFTER UPDATE ON posts WHEN OLD.status = 'published' AND NEW.status IS NOT 'published'
BEGIN DELETE FROM published_pages WHERE post_id = NEW.id; END
"""
RANK = (
    "(CASE {0} WHEN 'S.1.1' THEN 1 WHEN 'S.2.1' THEN 2 WHEN 'S.3.1' THEN 3 WHEN 'S.4-1.1-3' THEN 4"
    " WHEN 'approved' THEN 5 ELSE 99 END)"
)
STAGE_SQLITE = [
    """
    CREATE TRIGGER zz_stage_insert BEFORE INSERT ON workflow_states WHEN NEW.current_stage IS NOT 'S.1.1'
    BEGIN SELECT RAISE(ABORT, 'HC002: stage, a run begins at S.1.1'); END
    """,
    f"""
    CREATE TRIGGER zz_stage_update BEFORE UPDATE ON workflow_states
    WHEN NEW.current_stage IS NOT OLD.current_stage OR NEW.content_id IS NOT OLD.content_id
    BEGIN
        SELECT RAISE(ABORT, 'HC002: stage, a run belongs to one text') WHERE NEW.content_id IS NOT OLD.content_id;
        SELECT RAISE(ABORT, 'HC002: stage, no such step') WHERE NEW.current_stage IS NULL;
        SELECT RAISE(ABORT, 'HC002: stage, no such step')
        WHERE NEW.current_stage <> 'approved' AND OLD.current_stage <> 'approved'
            AND {RANK.format("NEW.current_stage")} > {RANK.format("OLD.current_stage")} + 1;
        SELECT RAISE(ABORT, 'HC002: stage, approved is set by a signature') WHERE NEW.current_stage = 'approved'
            AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.content_id = NEW.content_id AND a.action = 'sign'
                AND a.content_hash = NEW.content_hash AND a.capacity IN ('compliance', 'declaration', 'professional'));
        SELECT RAISE(ABORT, 'HC002: stage, an approval ends by withdrawal') WHERE OLD.current_stage = 'approved'
            AND COALESCE((SELECT a.action FROM approvals a WHERE a.content_id = NEW.content_id
                ORDER BY a.sequence DESC LIMIT 1), '') <> 'withdraw';
    END
    """,
]
VERBS = ("INSERT", "UPDATE", "DELETE")
CHILDREN = ("custom_fields", "post_categories")


class Migration(migrations.Migration):
    dependencies = [("content", "0004_define_content_hash"), ("compliance", "0003_create_audit_functions")]

    operations = [
        VendorSQL(
            "Create the gate on posts",
            postgresql=[
                REQUIRE_READ_COMMITTED,
                "GRANT EXECUTE ON FUNCTION require_read_committed() TO hcms_app, hcms_gate",
                APPROVAL_STANDS,
                ZZ_GATE,
                UNPUBLISH,
                f"GRANT EXECUTE ON FUNCTION {STANDS_ARGS} TO hcms_app, hcms_gate",
                "CREATE TRIGGER zz_gate BEFORE INSERT OR UPDATE ON posts FOR EACH ROW"
                " WHEN (NEW.status IN ('published', 'scheduled')) EXECUTE FUNCTION zz_gate()",
                "CREATE TRIGGER zz_remove_page AFTER UPDATE ON posts FOR EACH ROW"
                " WHEN (OLD.status = 'published' AND NEW.status IS DISTINCT FROM 'published')"
                " EXECUTE FUNCTION remove_page()",
                # Last: a trigger can only be made by who may execute its function.
                "ALTER FUNCTION zz_gate() OWNER TO hcms_gate",
                "ALTER FUNCTION remove_page() OWNER TO hcms_gate",
            ],
            postgresql_reverse=[
                "DROP TRIGGER zz_remove_page ON posts",
                "DROP TRIGGER zz_gate ON posts",
                "DROP FUNCTION remove_page()",
                "DROP FUNCTION zz_gate()",
                f"DROP FUNCTION {STANDS_ARGS}",
                "DROP FUNCTION require_read_committed()",
            ],
            sqlite=[gate_sqlite("INSERT"), gate_sqlite("UPDATE"), REMOVE_PAGE_SQLITE],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in ("zz_remove_page", "zz_gate_update", "zz_gate_insert")],
            declared=[
                ("trigger", "posts", "zz_gate"),
                ("trigger", "posts", "zz_remove_page"),
                ("function_owner", "zz_gate", "hcms_gate"),
                ("function_owner", "remove_page", "hcms_gate"),
            ],
        ),
        VendorSQL(
            "Guard fields, terms and page of a live post",
            postgresql=[
                GUARD_CHILD,
                *[
                    f"CREATE TRIGGER zz_guard_live BEFORE INSERT OR UPDATE OR DELETE ON {table}"
                    " FOR EACH ROW EXECUTE FUNCTION guard_live_child()"
                    for table in CHILDREN
                ],
                "ALTER FUNCTION guard_live_child() OWNER TO hcms_gate",
                GUARD_PAGE,
                "CREATE TRIGGER zz_page_gate BEFORE INSERT OR UPDATE ON published_pages"
                " FOR EACH ROW EXECUTE FUNCTION zz_page_gate()",
            ],
            postgresql_reverse=[
                "DROP TRIGGER zz_page_gate ON published_pages",
                "DROP FUNCTION zz_page_gate()",
                *[f"DROP TRIGGER zz_guard_live ON {table}" for table in CHILDREN],
                "DROP FUNCTION guard_live_child()",
            ],
            sqlite=[
                *[child_sqlite(table, verb) for table in CHILDREN for verb in VERBS],
                page_sqlite("INSERT"),
                page_sqlite("UPDATE"),
            ],
            sqlite_reverse=[
                "DROP TRIGGER zz_page_gate_update",
                "DROP TRIGGER zz_page_gate_insert",
                *[f"DROP TRIGGER guard_{table}_{verb.lower()}" for table in CHILDREN for verb in VERBS],
            ],
            declared=[
                *[("trigger", table, "zz_guard_live") for table in CHILDREN],
                ("trigger", "published_pages", "zz_page_gate"),
                ("function_owner", "guard_live_child", "hcms_gate"),
            ],
        ),
        VendorSQL(
            "Guard the stages",
            postgresql=[
                ZZ_STAGE,
                "CREATE TRIGGER zz_stage BEFORE INSERT OR UPDATE ON workflow_states"
                " FOR EACH ROW EXECUTE FUNCTION zz_stage()",
            ],
            postgresql_reverse=["DROP TRIGGER zz_stage ON workflow_states", "DROP FUNCTION zz_stage()"],
            sqlite=STAGE_SQLITE,
            sqlite_reverse=["DROP TRIGGER zz_stage_update", "DROP TRIGGER zz_stage_insert"],
            declared=[("trigger", "workflow_states", "zz_stage")],
        ),
        VendorSQL(
            "Create sign() and withdraw()",
            postgresql=[
                REFUSE_SIGNATURE,
                "GRANT EXECUTE ON FUNCTION refuse_signature(text) TO hcms_gate",
                SIGN,
                WITHDRAW,
                f"REVOKE ALL ON FUNCTION {SIGN_ARGS}, {WITHDRAW_ARGS} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION {SIGN_ARGS}, {WITHDRAW_ARGS} TO hcms_app",
                f"ALTER FUNCTION {SIGN_ARGS} OWNER TO hcms_gate",
                f"ALTER FUNCTION {WITHDRAW_ARGS} OWNER TO hcms_gate",
            ],
            postgresql_reverse=[
                f"DROP FUNCTION {WITHDRAW_ARGS}",
                f"DROP FUNCTION {SIGN_ARGS}",
                "DROP FUNCTION refuse_signature(text)",
            ],
            declared=[("function_owner", "sign", "hcms_gate"), ("function_owner", "withdraw", "hcms_gate")],
        ),
    ]
