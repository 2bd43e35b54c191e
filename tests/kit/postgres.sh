# A throw-away PostgreSQL for one test run; tests/run sources this file.
#
#   postgres_bin     prints the folder of the newest installed server's programs, fails where there is none
#   postgres_start   starts a server and sets CONCORD_TEST_POSTGRES_URL
#   postgres_stop    stops it and removes its folder; safe to call at any moment, and twice
#   postgres_kill    ends it at once, without a checkpoint; postgres_again starts it again
#   postgres_shut_down  ends it in order
#   postgres_signal  sends a signal to all of its processes
#
# fsync is off unless postgres_fsync says on: tests kill processes, and none of them pulls a plug.

postgres_dir=""

postgres_bin() {
  local newest
  newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$newest" ] && dirname "$newest"
}

# PostgreSQL refuses to run as root, so root hands over to the user that Debian's packages create.
postgres_do() (
  cd "$postgres_dir"
  if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- "$@"; else exec "$@"; fi
)

# Below the range the kernel gives to outgoing connections, so that only another server can be in the way.
postgres_pick_port() { echo $((20000 + RANDOM % 12000)); }

postgres_start() {
  local bin port try
  bin=$(postgres_bin) || { echo "No PostgreSQL server under /usr/lib/postgresql" >&2; return 1; }
  postgres_dir=$(mktemp -d /tmp/concord-postgres.XXXXXX)
  [ "$(id -u)" != 0 ] || chown postgres: "$postgres_dir"

  # Text sorts by code point, as in deploy/compose.yaml and in SQLite.
  postgres_do "$bin/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >"$postgres_dir/initdb.log" 2>&1 || { cat "$postgres_dir/initdb.log" >&2; return 1; }
  cat >>"$postgres_dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$postgres_dir'
max_connections = 200
fsync = ${postgres_fsync:-off}
shared_preload_libraries = ''
CONF

  for try in 1 2 3 4 5 6 7 8 9 10; do
    port=$(postgres_pick_port)
    rm -f "$postgres_dir/server.log"
    if postgres_do "$bin/pg_ctl" start --pgdata=data --wait --timeout=60 --silent --log=server.log \
      --options="-p $port" >"$postgres_dir/start.log" 2>&1; then
      export CONCORD_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
      return 0
    fi
    # Taken by someone else: another port. Anything else would only fail again.
    grep -qs 'Address already in use' "$postgres_dir/server.log" || break
  done
  echo "PostgreSQL did not start (attempt $try):" >&2
  cat "$postgres_dir/start.log" "$postgres_dir/server.log" >&2 || true
  return 1
}

postgres_stop() {
  [ -n "$postgres_dir" ] || return 0
  if [ -f "$postgres_dir/data/postmaster.pid" ]; then
    postgres_do "$(postgres_bin)/pg_ctl" stop --pgdata=data --mode=immediate --timeout=20 --silent ||
      kill -KILL "$(head -n 1 "$postgres_dir/data/postmaster.pid")" || true
  fi
  rm -rf "$postgres_dir"
  postgres_dir=""
}

postgres_kill() {
  postgres_do "$(postgres_bin)/pg_ctl" stop --pgdata=data --mode=immediate --timeout=20 --silent
}

postgres_shut_down() {
  postgres_do "$(postgres_bin)/pg_ctl" stop --pgdata=data --mode=fast --timeout=20 --silent
}

postgres_again() {
  local port=${CONCORD_TEST_POSTGRES_URL##*:}
  postgres_do "$(postgres_bin)/pg_ctl" start --pgdata=data --wait --timeout=60 --silent --log=server.log \
    --options="-p ${port%%/*}"
}

postgres_signal() {
  local first
  first=$(head -n 1 "$postgres_dir/data/postmaster.pid" 2>/dev/null) || return 0
  # shellcheck disable=SC2046 # one word a process
  kill -"$1" "$first" $(cat "/proc/$first/task/$first/children") 2>/dev/null || true
}
