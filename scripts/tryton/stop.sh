#!/usr/bin/env bash
# Stops what setup.sh started in DIR, by the pids it wrote down, and nothing else.   scripts/tryton/stop.sh --dir DIR [--remove]
# --remove also deletes the built databases, so that the next setup.sh builds them anew.
set -euo pipefail
[ "${1:-}" = --dir ] && [ -n "${2:-}" ] || { echo "usage: stop.sh --dir DIR [--remove]" >&2; exit 2; }
[ -d "$2" ] || { echo "nothing in $2"; exit 0; }
DIR=$(readlink -f "$2")

stop_pid() { # stop_pid NAME PIDFILE MARK SIGNAL
  local pid; pid=$(head -1 "$2" 2>/dev/null || true)
  if [ -z "$pid" ] || ! tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$3"; then echo "$1: not running"; return; fi
  kill -s "$4" "$pid"
  for _ in $(seq 150); do
    # A stopped process whose parent has not reaped it yet has an empty command line.
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$3" || { echo "$1: stopped (pid $pid)"; return; }
    sleep 0.1
  done
  echo "$1: pid $pid does not stop" >&2; exit 1
}
stop_pid Tryton "$DIR/trytond.pid" "$DIR/trytond.conf" TERM
rm -f "$DIR/trytond.pid"
stop_pid PostgreSQL "$DIR/pg/postmaster.pid" "$DIR/pg" INT
if [ "${3:-}" = --remove ]; then
  rm -rf "${DIR:?}/pg" "$DIR/data" "$DIR/run" "$DIR/server.json" "$DIR/trytond.conf"
  echo "databases removed"
fi
