#!/bin/sh
# The checks of `make check-clients`: does Plangate work with the programs that its users bring?
# Needs Node 20 or newer; installs the packages, and Debian's Chromium if there is none.
# PLANGATE names the command to test; by default the checkout's .venv/bin/plangate.
set -eu
cd "$(dirname "$0")"

if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null
fi
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    npm ci --no-audit --no-fund
fi

counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
status=0
node --test \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$counts" || status=$?

count() { sed -n "s/^# $1 //p" "$counts"; }
echo "$(count pass) passed, $(($(count fail) + $(count cancelled) + $(count skipped) + $(count todo))) failed"
exit "$status"
