#!/bin/sh
# The console's own checks, as one of meson's tests: run.sh types|modules|browser. Exits 77
# (skipped) without Node.js, the packages of console/package-lock.json, or a browser; the browser
# test runs only with DETENTE_BROWSER=yes.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() {
    echo "skipped: $*"
    exit 77
}
command -v node >/dev/null 2>&1 || skip 'no Node.js'
[ -d "$root/console/node_modules" ] || skip 'console/node_modules is not there; run ./check'
cd "$root/console"
case "$1" in
types)
    exec npm run --silent check
    ;;
modules)
    exec npm run --silent test
    ;;
browser)
    # It waits for what a person would see, so it needs a machine that does nothing else.
    [ "${DETENTE_BROWSER:-}" = yes ] || skip 'set DETENTE_BROWSER=yes on a machine that is otherwise idle'
    [ -f dist/index.html ] || skip 'the console is not built'
    [ -x /usr/bin/chromium ] || skip 'no chromium'
    exec node "$root/test/e2e/console.mjs"
    ;;
esac
echo "usage: run.sh types|modules|browser"
exit 64
