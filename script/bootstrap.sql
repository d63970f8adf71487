-- What a superuser must do once, before Healthcare CMS can be installed on a
-- PostgreSQL cluster: roles, templates, extensions, and the database itself.
--
--     psql -X -v ON_ERROR_STOP=1 -d postgres -f bootstrap.sql
--     psql -X -v ON_ERROR_STOP=1 -d postgres -v database=clinics -f bootstrap.sql
--     psql -X -v ON_ERROR_STOP=1 -d postgres -v template=hcms_template_timescale -f bootstrap.sql
--
-- Run it again whenever it changes: every statement is idempotent. Existing
-- databases other than the templates keep what they have.
-- The server needs shared_preload_libraries = 'pgaudit,pg_stat_statements'
-- (and 'timescaledb' where the audit trail is to be a hypertable).
-- The roles have no password here: set them with psql's \password.

\set ON_ERROR_STOP on
\if :{?database} \else \set database hcms \endif
\if :{?template} \else \set template hcms_template \endif
SET client_min_messages = warning;

-- 1. Roles ---------------------------------------------------------------------
-- hcms_owner   owns tables and runs the migrations; no web process connects as it.
-- hcms_app     serves requests: owns nothing, so row-level security always binds it.
-- hcms_audit   owns the audit trail's writer; hcms_gate owns sign() and the gate.
--              Nobody can log in as these two: their powers exist only inside functions.
-- hcms_backup  reads every tenant, for pg_dump, and can write nothing.

SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY['hcms_owner', 'hcms_app', 'hcms_audit', 'hcms_gate', 'hcms_backup']) AS role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec

-- CREATEDB: the test suite copies the template. NOBYPASSRLS, with FORCE ROW LEVEL
-- SECURITY on every tenant table: the owner is blind to tenants as well.
ALTER ROLE hcms_owner  LOGIN   CREATEDB   NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE hcms_app    LOGIN   NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE hcms_audit  NOLOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE hcms_gate   NOLOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE hcms_backup LOGIN   NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION BYPASSRLS;

-- The owner may hand a function to these roles (SET), but does not hold what they hold (INHERIT).
GRANT hcms_audit, hcms_gate TO hcms_owner WITH INHERIT FALSE, SET TRUE, ADMIN FALSE;
GRANT pg_read_all_data TO hcms_backup;
ALTER ROLE hcms_backup SET default_transaction_read_only = on;

-- Limits of a web connection. A session may lower them; that harms only itself.
ALTER ROLE hcms_app SET statement_timeout = '15s';
ALTER ROLE hcms_app SET lock_timeout = '5s';
ALTER ROLE hcms_app SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE hcms_app SET search_path = public;
ALTER ROLE hcms_app SET row_security = on;
-- What a random read costs on an SSD. With the default of 4 the planner joins the tenant's whole index to a person's
-- few rows of the trail: 12 ms instead of 1.
ALTER ROLE hcms_app SET random_page_cost = 1.1;
-- Without it an HNSW search under a tenant policy returns 2 of 10 rows (pgvector >= 0.8).
ALTER ROLE hcms_app SET hnsw.iterative_scan = 'relaxed_order';

-- DDL and changes of rights go to the server's log, whoever makes them; only a
-- superuser can turn this off. Never log parameters: they carry patients' data.
-- Never pgaudit.log = 'write' or a pgaudit.role beside a hypertable: COPY into
-- one crashes the server (timescaledb issue 7667).
ALTER ROLE ALL SET pgaudit.log = 'ddl,role';
ALTER ROLE ALL SET pgaudit.log_parameter = off;
ALTER ROLE ALL SET pgaudit.log_catalog = off;

-- 2. The template --------------------------------------------------------------
-- Every database of the product, and of its tests, is a copy of hcms_template,
-- which is the only place where a superuser is needed.

SELECT 'CREATE DATABASE hcms_template OWNER hcms_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'hcms_template') \gexec
ALTER DATABASE hcms_template WITH IS_TEMPLATE true ALLOW_CONNECTIONS true;

SELECT current_database() AS home \gset
\connect hcms_template
SET client_min_messages = warning;

CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pgaudit;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";

-- Nobody creates anything in public but the owner, and for their functions the two
-- definer roles: a SECURITY DEFINER function with search_path public must find no
-- stranger's object there.
ALTER SCHEMA public OWNER TO hcms_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO hcms_app, hcms_backup;
GRANT USAGE, CREATE ON SCHEMA public TO hcms_audit, hcms_gate;

-- Other tenants' statements are nobody's business.
REVOKE ALL ON pg_stat_statements, pg_stat_statements_info FROM PUBLIC;
REVOKE ALL ON FUNCTION pg_stat_statements(boolean), pg_stat_statements_info() FROM PUBLIC;

-- Large objects belong to no tenant and no table, so no policy and no trigger would see them.
SELECT format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', oid::regprocedure) FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_get',
    'lo_open', 'lo_put', 'lo_truncate', 'lo_truncate64', 'lo_unlink', 'loread', 'lowrite') \gexec

-- A new function can be called by nobody until a migration grants it; the built-in
-- default is everybody. Tables need no such line: their default is nobody, and there
-- are deliberately no default grants, so that a new table is closed until a
-- migration opens it.
ALTER DEFAULT PRIVILEGES FOR ROLE hcms_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE hcms_audit REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE hcms_gate  REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Below a row-level policy PostgreSQL uses an index only for functions that are
-- marked to leak nothing about their arguments. ts_match_vq is `tsvector @@ tsquery`;
-- it raises no error that shows a value. Without the mark, full-text search reads
-- every row of the tenant (200 ms instead of 7 at 50,000 posts). pg_dump does not
-- carry the mark: run this file before a restore, on the target cluster.
ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF;

-- Portuguese without accents: "hipertensao" finds "hipertensão".
SELECT 'CREATE TEXT SEARCH CONFIGURATION public.hcms_pt (COPY = pg_catalog.portuguese)'
WHERE NOT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'hcms_pt' AND cfgnamespace = 'public'::regnamespace) \gexec
ALTER TEXT SEARCH CONFIGURATION public.hcms_pt
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, portuguese_stem;
ALTER TEXT SEARCH CONFIGURATION public.hcms_pt OWNER TO hcms_owner;

\connect :home
SET client_min_messages = warning;
-- A database that somebody is connected to cannot be copied.
ALTER DATABASE hcms_template WITH ALLOW_CONNECTIONS false;
SELECT count(pg_terminate_backend(pid, 5000)) AS ended FROM pg_stat_activity WHERE datname = 'hcms_template' \gset

-- 3. The template with TimescaleDB (AUDIT_TRAIL_STORAGE=hypertable) -----------------
-- A template of its own: TimescaleDB keeps a scheduler connected to each database
-- that has it. Made anew each time, so that it has what the first one has.

SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'hcms_template_timescale') AS has_timescale_template,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
       AND current_setting('shared_preload_libraries') ~ 'timescaledb' AS has_timescale \gset
\if :has_timescale_template
    ALTER DATABASE hcms_template_timescale WITH IS_TEMPLATE false;
    DROP DATABASE hcms_template_timescale WITH (FORCE);
\endif
\if :has_timescale
    CREATE DATABASE hcms_template_timescale TEMPLATE hcms_template OWNER hcms_owner;
    \connect hcms_template_timescale
    SET client_min_messages = warning;
    CREATE EXTENSION timescaledb;
    \connect :home
    SET client_min_messages = warning;
    ALTER DATABASE hcms_template_timescale WITH IS_TEMPLATE true ALLOW_CONNECTIONS false;
    SELECT count(pg_terminate_backend(pid, 5000)) AS ended FROM pg_stat_activity WHERE datname = 'hcms_template_timescale' \gset
\endif

-- 4. The database of the product ----------------------------------------------------
-- A copy has the template's schemas, extensions and default privileges, but not the
-- rights on the database itself. A test database is left with PostgreSQL's defaults
-- (everybody may connect and make temporary tables) unless its maker repeats this.

SELECT format('CREATE DATABASE %I TEMPLATE %I OWNER hcms_owner', :'database', :'template')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
-- No temporary tables or functions for the application: a cheap temporary function
-- in a WHERE clause is the known way to look behind a view.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO hcms_app, hcms_backup;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO hcms_owner;
