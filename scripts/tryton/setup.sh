#!/usr/bin/env bash
# Builds a real Tryton 6.0 server from Debian 12 packages, for the adapter's tests, and starts it on loopback.
#
#   scripts/tryton/setup.sh --dir DIR --port 18069 [--pg-port 18432] [--database postgresql|sqlite] [--name erp] [--build-only]
#
# It may be run again at any time: installed packages, the database cluster and the seeded template are kept, and every run
# starts from a fresh clone of the template (a second, where building it takes minutes). Progress goes to standard error;
# the last thing on standard output is one line of JSON that says how to reach the server. Stop it with stop.sh --dir DIR.
# Run as root it installs packages and drops to the accounts `tryton` and `postgres`; run as anybody else it expects the
# packages to be there and runs everything as that account.
set -euo pipefail

DIR="" PORT=18069 PG_PORT=18432 DATABASE=postgresql NAME=erp BUILD_ONLY=""
while [ $# -gt 0 ]; do
  case "$1" in
    --dir) DIR=$2; shift 2 ;;
    --port) PORT=$2; shift 2 ;;
    --pg-port) PG_PORT=$2; shift 2 ;;
    --database) DATABASE=$2; shift 2 ;;
    --name) NAME=$2; shift 2 ;;
    --build-only) BUILD_ONLY=yes; shift ;;
    *) echo "setup.sh: unknown option $1" >&2; exit 2 ;;
  esac
done
[ -n "$DIR" ] || { echo "setup.sh: --dir is needed" >&2; exit 2; }
[[ "$NAME" =~ ^[a-z][a-z0-9_]*$ ]] || { echo "setup.sh: --name must be a plain lower-case name" >&2; exit 2; }
[[ "$DATABASE" = postgresql || "$DATABASE" = sqlite ]] || { echo "setup.sh: --database is postgresql or sqlite" >&2; exit 2; }

HERE=$(dirname "$(readlink -f "$0")")
SCHEMA=schema_template TEMPLATE=seeded_template
# A template is rebuilt when what it is made of changes.
MODULES="company currency country party product account account_product stock purchase sale production"
SCHEMA_VERSION=$(printf '%s' "$MODULES" | cksum | cut -d' ' -f1)
SEED_VERSION=$SCHEMA_VERSION-$(cksum <"$HERE/seed.py" | cut -d' ' -f1)
PACKAGES="tryton-server tryton-proteus python3-psycopg2"
for module in $MODULES; do PACKAGES="$PACKAGES tryton-modules-${module//_/-}"; done

say() { printf '%6ss  %s\n' "$SECONDS" "$*" >&2; }
as() { # as ACCOUNT COMMAND…: drops privileges without a process in between, so that pids are the servers' own
  local account=$1; shift
  if [ "$(id -u)" = 0 ]; then setpriv --reuid="$account" --regid="$account" --init-groups -- "$@"; else "$@"; fi
}
owned_directory() { # owned_directory ACCOUNT MODE PATH
  mkdir -p "$3"; chmod "$2" "$3"
  if [ "$(id -u)" = 0 ]; then chown "$1" "$3"; fi
}
alive() { # alive PIDFILE MARK: the process is running and its command line carries MARK, so a recycled pid is not taken for ours
  [ -s "$1" ] && tr '\0' ' ' <"/proc/$(head -1 "$1")/cmdline" 2>/dev/null | grep -qF -- "$2"
}
postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }

logged() { # logged COMMAND…: its output goes to the log, and to the reader when it fails
  "$@" >>"$DIR/setup.log" 2>&1 || { echo "setup.sh: failed: $*" >&2; tail -15 "$DIR/setup.log" >&2; exit 4; }
}

install_packages() {
  local wanted="$PACKAGES" missing="" package
  if [ "$DATABASE" = postgresql ] && [ -z "$(postgres_bin)" ]; then wanted="$wanted postgresql"; fi
  for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
  done
  if [ -z "$missing" ]; then say "packages: all installed"; return; fi
  [ "$(id -u)" = 0 ] || { echo "setup.sh: these packages are missing and only root can install them:$missing" >&2; exit 3; }
  say "packages: installing$missing"
  local policy=""
  if [ ! -e /usr/sbin/policy-rc.d ]; then # keeps the packages from starting daemons of their own
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; policy=made
  fi
  local outcome=0
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086
  apt-get install -y -q --no-install-recommends $missing >"$DIR/apt.log" 2>&1 ||
    { apt-get update -q >>"$DIR/apt.log" 2>&1 && apt-get install -y -q --no-install-recommends $missing >>"$DIR/apt.log" 2>&1; } ||
    outcome=$?
  if [ -n "$policy" ]; then rm -f /usr/sbin/policy-rc.d; fi
  [ "$outcome" = 0 ] || { echo "setup.sh: apt-get failed, see $DIR/apt.log" >&2; tail -5 "$DIR/apt.log" >&2; exit 3; }
}

start_postgres() {
  local bin; bin=$(postgres_bin)
  if [ ! -s "$DIR/pg/PG_VERSION" ]; then
    owned_directory postgres 700 "$DIR/pg"
    as postgres "$bin/initdb" -D "$DIR/pg" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >>"$DIR/setup.log" 2>&1
    say "database: cluster made in $DIR/pg"
  fi
  if alive "$DIR/pg/postmaster.pid" "$DIR/pg" && [ "$(sed -n 4p "$DIR/pg/postmaster.pid")" != "$PG_PORT" ]; then
    as postgres "$bin/pg_ctl" -D "$DIR/pg" -m fast stop >>"$DIR/setup.log" 2>&1
  fi
  if ! alive "$DIR/pg/postmaster.pid" "$DIR/pg"; then
    as postgres "$bin/pg_ctl" -D "$DIR/pg" -w -l "$DIR/pg/server.log" -o "-c listen_addresses=127.0.0.1 -c port=$PG_PORT \
      -c unix_socket_directories=$DIR/pg -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c jit=off" start \
      >>"$DIR/setup.log" 2>&1 || { echo "setup.sh: PostgreSQL does not start, see $DIR/pg/server.log" >&2; exit 4; }
  fi
  sql "select 1 from pg_roles where rolname = 'tryton'" | grep -q 1 || sql 'create role tryton login' >/dev/null
  say "database: PostgreSQL answers on 127.0.0.1:$PG_PORT"
}
sql() { psql -h 127.0.0.1 -p "$PG_PORT" -U postgres -d postgres -v ON_ERROR_STOP=1 -qtAc "$1"; }

drop_database() {
  if [ "$DATABASE" = postgresql ]; then sql "drop database if exists $1 with (force)" 2>/dev/null; else rm -f "$DIR/data/$1.sqlite"*; fi
}
empty_database() {
  drop_database "$1"
  if [ "$DATABASE" = postgresql ]; then sql "create database $1 owner tryton encoding 'UTF8' template template0"
  else as tryton touch "$DIR/data/$1.sqlite"; fi
}
clone_database() {
  drop_database "$2"
  if [ "$DATABASE" = postgresql ]; then sql "create database $2 owner tryton template $1"
  else as tryton cp "$DIR/data/$1.sqlite" "$DIR/data/$2.sqlite"; fi
}

write_configuration() {
  local uri="sqlite://"
  if [ "$DATABASE" = postgresql ]; then uri="postgresql://tryton@127.0.0.1:$PG_PORT/"; fi
  cat >"$DIR/trytond.conf" <<CONF
[web]
listen = 127.0.0.1:$PORT
[database]
uri = $uri
path = $DIR/data
list = False
[session]
timeout = 86400
[request]
max_size = 20971520
CONF
  chmod 644 "$DIR/trytond.conf"
}

# Tryton refuses passwords in which characters repeat, so each stands once: about 100 bits.
random_password() { shuf -e -n 18 --random-source=/dev/urandom {a..z} {A..Z} {0..9} | tr -d '\n'; }

exists() {
  if [ "$DATABASE" = postgresql ]; then sql "select 1 from pg_database where datname = '$1'" | grep -q 1
  else [ -s "$DIR/data/$1.sqlite" ]; fi
}

build_schema() {
  local mark="$DIR/run/schema-$DATABASE-$SCHEMA_VERSION"
  if [ -e "$mark" ] && exists "$SCHEMA"; then say "schema: kept"; return; fi
  stop_trytond
  empty_database "$SCHEMA"
  # The administrator's password comes from a file and is forgotten: nobody logs in as administrator afterwards.
  ( umask 077; random_password >"$DIR/run/administrator"; [ "$(id -u)" != 0 ] || chown tryton "$DIR/run/administrator" )
  local admin=(as tryton env "TRYTONPASSFILE=$DIR/run/administrator" trytond-admin -c "$DIR/trytond.conf" -d "$SCHEMA")
  say "schema: making Tryton's base tables"
  logged "${admin[@]}" --all --email administrator@example.test
  say "schema: activating modules: $MODULES"
  # shellcheck disable=SC2086
  logged "${admin[@]}" -u $MODULES --activate-dependencies
  rm -f "$DIR/run/administrator"
  touch "$mark"
}

build_template() {
  local mark="$DIR/run/template-$DATABASE-$SEED_VERSION.json"
  if [ -s "$mark" ] && exists "$TEMPLATE"; then say "template: kept"; return; fi
  stop_trytond
  clone_database "$SCHEMA" "$TEMPLATE"
  say "template: seeding company and accounts"
  ( umask 077; printf '{"gateway":"%s","reader":"%s"}' "$(random_password)" "$(random_password)" >"$DIR/run/passwords.json"
    [ "$(id -u)" != 0 ] || chown tryton "$DIR/run/passwords.json" )
  logged as tryton /usr/bin/python3 "$DIR/run/seed.py" "$DIR/trytond.conf" "$TEMPLATE" "$DIR/run/passwords.json" "$DIR/run/seed.json"
  ( umask 077; cat "$DIR/run/seed.json" >"$mark" )
  rm -f "$DIR/run/passwords.json" "$DIR/run/seed.json"
  say "template: ready"
}

stop_trytond() {
  if alive "$DIR/trytond.pid" "$DIR/trytond.conf"; then
    kill "$(cat "$DIR/trytond.pid")" 2>/dev/null || true
    for _ in $(seq 100); do alive "$DIR/trytond.pid" "$DIR/trytond.conf" || break; sleep 0.1; done
  fi
  rm -f "$DIR/trytond.pid"
}

start_trytond() {
  stop_trytond
  clone_database "$TEMPLATE" "$NAME"
  if [ "$(id -u)" = 0 ]; then
    setsid setpriv --reuid=tryton --regid=tryton --init-groups -- trytond -c "$DIR/trytond.conf" -d "$NAME" \
      >"$DIR/trytond.log" 2>&1 </dev/null &
  else
    setsid trytond -c "$DIR/trytond.conf" -d "$NAME" >"$DIR/trytond.log" 2>&1 </dev/null &
  fi
  echo $! >"$DIR/trytond.pid"
  for _ in $(seq 300); do
    if curl -sf -m 5 -o /dev/null -H 'content-type: application/json' -d '{"id":0,"method":"common.server.version","params":[]}' \
        "http://127.0.0.1:$PORT/"; then
      say "server: Tryton answers on http://127.0.0.1:$PORT/$NAME/"; return
    fi
    [ -d "/proc/$(cat "$DIR/trytond.pid")" ] || break
    sleep 0.2
  done
  echo "setup.sh: Tryton does not start:" >&2; tail -20 "$DIR/trytond.log" >&2; exit 5
}

mkdir -p "$DIR"; chmod 755 "$DIR"; DIR=$(readlink -f "$DIR")
install_packages
owned_directory tryton 755 "$DIR/data"
owned_directory tryton 755 "$DIR/run"
install -m 644 "$HERE/seed.py" "$DIR/run/seed.py" # the repository itself may be out of the account's reach
if [ "$DATABASE" = postgresql ]; then start_postgres; fi
write_configuration
build_schema
build_template
[ -z "$BUILD_ONLY" ] || { say "built; not started"; exit 0; }
start_trytond
PG_URL=""
if [ "$DATABASE" = postgresql ]; then PG_URL="postgresql://postgres@127.0.0.1:$PG_PORT/$NAME"; fi
( umask 077; printf '{"url":"http://127.0.0.1:%s","database":"%s","pgUrl":"%s","seed":%s}\n' "$PORT" "$NAME" "$PG_URL" \
    "$(tr -d '\n' <"$DIR/run/template-$DATABASE-$SEED_VERSION.json")" >"$DIR/server.json" )
cat "$DIR/server.json"
