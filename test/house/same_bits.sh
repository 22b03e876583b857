#!/bin/sh
# The same agreement compiles to the same digest, and the elementary functions give the same bits,
# with gcc and clang, unoptimised and optimised. Writes DETENTE_BUILDS/same_bits.counts.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
builds=${DETENTE_BUILDS:?the folder of the builds}
counts=$builds/same_bits.counts
: >"$counts"

build_one() {
    dir=$builds/bits-$1$2
    if [ ! -f "$dir/build.ninja" ]; then
        CC=$1 meson setup "$dir" "$root" -Doptimization="${2#-O}" -Ddebug=false -Dtests=enabled \
            -Dbench=disabled >"$dir.log" 2>&1 || { tail -n 20 "$dir.log" >&2; exit 70; }
    fi
    ninja -C "$dir" src/cmd/detente test/unit/num_bits >"$dir.log" 2>&1 || {
        tail -n 40 "$dir.log" >&2
        exit 70
    }
}

# same WHAT LINES: passes when all lines are equal.
same() {
    if [ "$(printf '%s\n' "$2" | sort -u | wc -l)" = 1 ] && [ -n "$2" ]; then
        echo "passed $1" >>"$counts"
        printf 'same: %s\n' "$1" >&2
    else
        echo "failed $1" >>"$counts"
        printf 'DIFFERENT: %s\n%s\n' "$1" "$2" >&2
    fi
}

for compiler in gcc clang-14; do
    for level in -O0 -O2; do
        build_one "$compiler" "$level"
    done
done

each() {
    for dir in "$builds"/bits-*/; do
        "$dir$1" $2 2>/dev/null | tail -n 1
    done
}

same 'elementary functions' "$(each test/unit/num_bits '')"
for agreement in "$root"/agreements/*/; do
    same "digest of $(basename "$agreement")" \
        "$(each src/cmd/detente "agreement check $agreement --json")"
done
grep -q '^failed' "$counts" && exit 1
exit 0
