-- The roles of a Concord database, and what each may do in it. PostgreSQL 15 or newer.
--
--   concord_owner   owns the database and its tables; `concord migrate` connects as it, nothing else does
--   concord_app     what serves requests; owns nothing and is bound by row-level security
--   concord_backup  reads everything for pg_dump, past row-level security; changes nothing
--
-- Run it as a superuser, connected to the database that Concord is to use, before the first migration:
--   psql -v ON_ERROR_STOP=1 -d concord -f deploy/postgres/roles.sql
-- It may be run again at any time, and in several databases of a server at once. It is plain SQL, without psql's
-- own commands, so that any client can send it whole. It sets no passwords: see passwords.sh.
--
-- What concord_app may do with a table, the migration that makes the table grants it: read and append, rarely change,
-- hardly ever delete; never truncate, refer to or hang triggers on.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['concord_owner', 'concord_app', 'concord_backup'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', name);
    EXCEPTION
      -- Either it was there, or another session has just created it: roles belong to the whole server.
      WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    -- Only where it deviates: two sessions that alter one role at once would fail.
    IF EXISTS (
      SELECT FROM pg_roles
      WHERE rolname = name
        AND (NOT rolcanlogin OR rolinherit OR rolsuper OR rolbypassrls <> (name = 'concord_backup')
          OR rolcreatedb OR rolcreaterole OR rolreplication)
    ) THEN
      EXECUTE format(
        'ALTER ROLE %I LOGIN NOINHERIT NOSUPERUSER %s NOCREATEDB NOCREATEROLE NOREPLICATION',
        name, CASE name WHEN 'concord_backup' THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END);
    END IF;
  END LOOP;

  EXECUTE format('ALTER DATABASE %I OWNER TO concord_owner', current_database());
  -- Nobody else connects, and the app makes no temporary tables, which could stand in front of real ones.
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, concord_app, concord_backup', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO concord_app, concord_backup', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC, concord_app, concord_backup;
GRANT USAGE, CREATE ON SCHEMA public TO concord_owner;
GRANT USAGE ON SCHEMA public TO concord_app, concord_backup;

-- concord_backup reads what is there and what later migrations make.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO concord_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO concord_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO concord_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO concord_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE concord_owner IN SCHEMA public GRANT SELECT ON TABLES TO concord_backup;
ALTER DEFAULT PRIVILEGES FOR ROLE concord_owner IN SCHEMA public GRANT SELECT ON SEQUENCES TO concord_backup;
