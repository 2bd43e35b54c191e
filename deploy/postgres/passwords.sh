#!/usr/bin/env bash
# Gives the roles of roles.sql their passwords, from secrets' files or the environment and so visible in no process list.
# concord_backup gets one only where CONCORD_BACKUP_PASSWORD is set; without one it cannot log in over the network.
# The image of PostgreSQL runs it once, after roles.sql; run it by hand to change a password.
set -euo pipefail
secret() { cat "/run/secrets/$1" 2>/dev/null || true; }
export CONCORD_OWNER_PASSWORD="${CONCORD_OWNER_PASSWORD:-$(secret concord_owner_password)}"
export CONCORD_APP_PASSWORD="${CONCORD_APP_PASSWORD:-$(secret concord_app_password)}"
: "${CONCORD_OWNER_PASSWORD:?}" "${CONCORD_APP_PASSWORD:?}"
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-concord}" <<'SQL'
\getenv owner_password CONCORD_OWNER_PASSWORD
\getenv app_password CONCORD_APP_PASSWORD
-- Should the server log statements, not these.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
ALTER ROLE concord_owner PASSWORD :'owner_password';
ALTER ROLE concord_app PASSWORD :'app_password';
\getenv backup_password CONCORD_BACKUP_PASSWORD
\if :{?backup_password}
SELECT :'backup_password' <> '' AS backup \gset
\if :backup
ALTER ROLE concord_backup PASSWORD :'backup_password';
\endif
\endif
SQL
