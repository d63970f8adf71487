"""sign() asks for checks of exactly this wording: run, passed, and every closed block closed by whom it takes."""

from importlib import import_module

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

CLOSED = "('fixed', 'false_positive', 'accepted_with_consent', 'waived')"
PASSING = "('passed', 'passed_with_warnings', 'waived', 'not_applicable')"
CHECKS = "['lgpd_check', 'claims_check', 'cfm_check', 'anvisa_check', 'cfp_check', 'other_checks']"
IS_MEDICAL = (
    "(coalesce(r.medical_category, '') <> '' OR coalesce(r.compliance_level, '') <> 'public'"
    " OR coalesce(r.requires_crm_validation, false))"
)
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
    v jsonb;
    points jsonb;
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
    v := coalesce(w.compliance_validations, '{{}}');
    points := CASE jsonb_typeof(v -> 'findings') WHEN 'array' THEN v -> 'findings' ELSE '[]' END;
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
        IF {IS_MEDICAL} THEN PERFORM refuse_signature('medical'); END IF;
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
    -- What the engine found and what people decided about it, for exactly this wording. A waived block took two people.
    IF v ->> 'content_hash' IS DISTINCT FROM r.content_hash THEN PERFORM refuse_signature('checks'); END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(points) f
               WHERE f ->> 'severity' = 'block'
                   AND (coalesce(f ->> 'status', 'open') NOT IN {CLOSED}
                        OR f ->> 'status' = 'waived' AND (coalesce(f ->> 'closed_by', '') = ''
                            OR coalesce(f ->> 'confirmed_by', '') IN ('', f ->> 'closed_by')))) THEN
        PERFORM refuse_signature('findings');
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(coalesce(w.medical_claims, '{{}}')) c
               WHERE coalesce(c.value ->> 'status', 'open') <> 'not_a_claim'
                   AND (p_kind = 'non_medical' OR c.value ->> 'status' = 'rejected'
                        OR coalesce(c.value ->> 'validated', 'false') <> 'true'
                        OR coalesce(c.value ->> 'reference', '') = '')) THEN
        PERFORM refuse_signature('claims');
    END IF;
    IF EXISTS (SELECT FROM unnest(ARRAY{CHECKS}) name
               WHERE coalesce(v ->> name, '') NOT IN {PASSING}) THEN
        PERFORM refuse_signature('checks');
    END IF;
    -- The officer has looked at every warning.
    IF p_capacity = 'compliance' AND EXISTS (SELECT FROM jsonb_array_elements(points) f
               WHERE f ->> 'severity' = 'warn' AND coalesce(f ->> 'status', 'open') NOT IN {CLOSED}) THEN
        PERFORM refuse_signature('warnings');
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
    IF approval_stands(p_post, r.content_hash, {IS_MEDICAL}, r.requires_crm_validation) THEN
        UPDATE workflow_states SET current_stage = 'approved', updated_at = clock_timestamp() WHERE id = w.id;
    END IF;
    RETURN seq;
END $$
"""
BEFORE = import_module("content.migrations.0005_create_gate")


def replaced_by(body: str) -> list[str]:
    """Dropped and made anew: the owner may drop what is in its schema, but not replace what hcms_gate owns."""
    return [
        f"DROP FUNCTION {BEFORE.SIGN_ARGS}",
        body,
        f"REVOKE ALL ON FUNCTION {BEFORE.SIGN_ARGS} FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {BEFORE.SIGN_ARGS} TO hcms_app",
        f"ALTER FUNCTION {BEFORE.SIGN_ARGS} OWNER TO hcms_gate",
    ]


class Migration(migrations.Migration):
    dependencies = [("content", "0009_index_pages_for_lists")]

    operations = [
        VendorSQL(
            "Require checks to sign",
            postgresql=replaced_by(SIGN),
            postgresql_reverse=replaced_by(BEFORE.SIGN),
        ),
    ]
