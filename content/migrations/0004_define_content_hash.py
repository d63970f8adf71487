"""What a signature binds to, in SQL. `accounts.tenancy.hashing` says the same in Python; a property test compares."""

from django.db import migrations

from accounts.tenancy.operations import VendorSQL

HASH_PAIR = r"""
CREATE FUNCTION hash_pair(name text, value text) RETURNS text LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v text := normalize(replace(replace(coalesce(value, ''), E'\r\n', E'\n'), E'\r', E'\n'), NFC);
BEGIN
    RETURN octet_length(name) || ':' || name || octet_length(v) || ':' || v;
END $$
"""
CONTENT_HASH = """
CREATE FUNCTION content_hash(scalars text[], terms text[], fields jsonb, refs jsonb, media jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN encode(sha256(convert_to(
        (SELECT string_agg(hash_pair(n.name, scalars[n.i]), '' ORDER BY n.i) FROM unnest(ARRAY[
            'title', 'slug', 'content', 'excerpt', 'disclaimer', 'meta_description', 'meta_keywords', 'author_id',
            'compliance_level', 'medical_category', 'requires_crm_validation', 'category_id'
        ]) WITH ORDINALITY AS n(name, i))
        || coalesce((SELECT string_agg(hash_pair('term', t), '' ORDER BY t COLLATE "C") FROM unnest(terms) t), '')
        || coalesce((SELECT string_agg(hash_pair('field:' || f.key, f.value), '' ORDER BY f.key COLLATE "C")
                     FROM jsonb_each_text(coalesce(fields, '{}')) f), '')
        || coalesce((SELECT string_agg(hash_pair('reference', r.value), '' ORDER BY r.i)
                     FROM jsonb_array_elements_text(coalesce(refs, '[]')) WITH ORDINALITY AS r(value, i)), '')
        || coalesce((SELECT string_agg(hash_pair('media', m.value), '' ORDER BY m.value COLLATE "C")
                     FROM jsonb_array_elements_text(coalesce(media, '[]')) m(value)), ''),
        'UTF8')), 'hex');
END $$
"""
REVISION_HASH = """
CREATE FUNCTION revision_hash(r post_revisions) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN content_hash(
        ARRAY[r.title, r.slug, r.content, r.excerpt, r.medical_disclaimer, r.meta_description, r.meta_keywords,
            r.author_id::text, r.compliance_level, r.medical_category,
            CASE WHEN r.requires_crm_validation THEN 'true' ELSE 'false' END, r.category_id::text],
        ARRAY(SELECT jsonb_array_elements_text(r.category_ids)),
        r.custom_fields, r.scientific_references, r.media_ids);
END $$
"""
# References and media of a live post stand in its approved revision, which cannot change.
LIVE_HASH = """
CREATE FUNCTION live_hash(p posts, refs jsonb, media jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN content_hash(
        ARRAY[p.title, p.slug, p.content, p.excerpt, p.medical_disclaimer, p.meta_description, p.meta_keywords,
            p.author_id::text, p.compliance_level, p.medical_category,
            CASE WHEN p.requires_crm_validation THEN 'true' ELSE 'false' END, p.category_id::text],
        ARRAY(SELECT c.category_id::text FROM post_categories c WHERE c.post_id = p.id),
        (SELECT jsonb_object_agg(f.meta_key, f.meta_value) FROM custom_fields f WHERE f.post_id = p.id),
        refs, media);
END $$
"""
# Invariant: nobody can file a revision under a hash that is not its own, or under somebody else's name.
SEAL_REVISION = """
CREATE FUNCTION seal_revision() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    NEW.content_hash := revision_hash(NEW);
    NEW.saved_by_id := NULLIF(current_setting('app.user_id', true), '')::uuid;
    RETURN NEW;
END $$
"""

REVISION_JSON = """json_object(
    'scalars', json_object('title', NEW.title, 'slug', NEW.slug, 'content', NEW.content, 'excerpt', NEW.excerpt,
        'disclaimer', NEW.medical_disclaimer, 'meta_description', NEW.meta_description,
        'meta_keywords', NEW.meta_keywords, 'author_id', NEW.author_id, 'compliance_level', NEW.compliance_level,
        'medical_category', NEW.medical_category, 'requires_crm_validation', NEW.requires_crm_validation,
        'category_id', NEW.category_id),
    'terms', json(NEW.category_ids), 'fields', json(NEW.custom_fields),
    'references', json(NEW.scientific_references), 'media', json(NEW.media_ids))"""
SEAL_REVISION_SQLITE = f"""
CREATE TRIGGER seal_revision BEFORE INSERT ON post_revisions
BEGIN
    SELECT RAISE(ABORT, 'HC001: the revision is not what its hash says')
    WHERE NEW.content_hash <> hc001_content_hash({REVISION_JSON});
    SELECT RAISE(ABORT, 'HC001: a revision is saved under the name of who acts')
    WHERE NEW.saved_by_id IS NOT hcms_user_id();
END
"""


class Migration(migrations.Migration):
    dependencies = [("content", "0003_isolate_tenants")]

    operations = [
        VendorSQL(
            "Define the content hash",
            postgresql=[
                HASH_PAIR,
                CONTENT_HASH,
                REVISION_HASH,
                LIVE_HASH,
                "GRANT EXECUTE ON FUNCTION hash_pair(text, text), content_hash(text[], text[], jsonb, jsonb, jsonb),"
                " revision_hash(post_revisions), live_hash(posts, jsonb, jsonb) TO hcms_app, hcms_gate",
            ],
            postgresql_reverse=[
                "DROP FUNCTION live_hash(posts, jsonb, jsonb)",
                "DROP FUNCTION revision_hash(post_revisions)",
                "DROP FUNCTION content_hash(text[], text[], jsonb, jsonb, jsonb)",
                "DROP FUNCTION hash_pair(text, text)",
            ],
        ),
        VendorSQL(
            "Seal revisions",
            postgresql=[
                SEAL_REVISION,
                "CREATE TRIGGER seal_revision BEFORE INSERT ON post_revisions"
                " FOR EACH ROW EXECUTE FUNCTION seal_revision()",
            ],
            postgresql_reverse=["DROP TRIGGER seal_revision ON post_revisions", "DROP FUNCTION seal_revision()"],
            sqlite=SEAL_REVISION_SQLITE,
            sqlite_reverse="DROP TRIGGER seal_revision",
            declared=[("trigger", "post_revisions", "seal_revision")],
        ),
    ]
