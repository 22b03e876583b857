#!/bin/sh
# The same integers, digests and events from every compiler and machine: the elementary functions
# (test/unit/num_bits), the engine's answers (test/engine/event_hash) and the digests of all
# agreements (test/engine/digest), with gcc and clang, unoptimised and optimised, with fused
# multiply-add and vectors and without, and for 64-bit ARM under qemu. What this machine cannot
# build or run is counted as skipped. Writes DETENTE_BUILDS/same_bits.counts.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
builds=${DETENTE_BUILDS:?the folder of the builds}
counts=$builds/same_bits.counts
bits=$builds/bits
: >"$counts"
mkdir -p "$bits/include"
ln -sfn /usr/include/sodium "$bits/include/sodium" # headers are the same on every machine

core=$(ls "$root"/src/base/*.c "$root"/src/num/*.c "$root"/src/geo/*.c "$root"/src/agreement/*.c)
door="$root/src/os/file.c $root/src/os/agreement_dir.c"
engine=$root/test/engine
flags='-std=c17 -D_GNU_SOURCE -fno-fast-math -ffp-contract=off -fno-strict-overflow -w'

# Compilers and options; `run` is put before the program.
variants='gcc -O0
gcc -O3
gcc -O3 -march=haswell
clang-14 -O0
clang-14 -O3 -march=haswell
aarch64-linux-gnu-gcc -O0
aarch64-linux-gnu-gcc -O3'

# can VARIANT: whether this machine builds it and runs it.
can() {
    command -v "${1%% *}" >/dev/null || return 1
    case $1 in
    aarch64*) command -v qemu-aarch64 >/dev/null ;;
    *haswell*) grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo ;;
    esac
}

name_of() {
    printf '%s\n' "$1" | tr ' =' '-_'
}

# build VARIANT: the core once, and the three programs.
build() {
    dir=$bits/$(name_of "$1")
    mkdir -p "$dir"
    (
        cd "$dir"
        rm -f ./*.o
        for source in $core $door "$engine/sha256.c" "$engine/oracle.c" "$engine/worlds.c"; do
            printf '%s\0' "$source"
        done | xargs -0 -P "$(nproc)" -n 4 $1 $flags -I"$root/src" -I"$bits/include" -c
        rm -f core.a && ar rcs core.a ./*.o # so that only what is asked for is linked
        for program in unit/num_bits engine/event_hash engine/digest; do
            $1 $flags -I"$root/src" -I"$bits/include" -o "${program#*/}" "$root/test/$program.c" \
                core.a -lm
        done
    )
}

# answers VARIANT: a line a question, into the file that is compared.
answers() {
    dir=$bits/$(name_of "$1")
    run=
    case $1 in aarch64*) run='qemu-aarch64 -L /usr/aarch64-linux-gnu' ;; esac
    (
        printf 'functions %s\n' "$($run "$dir/num_bits" | tail -n 1)"
        $run "$dir/event_hash" | tr ' ' '\n' | paste -d ' ' - -
        [ "${1#aarch64*-O0}" = "$1" ] || exit 0 # too slow under the emulator
        for agreement in "$root"/agreements/*/; do
            printf 'digest:%s %s\n' "$(basename "$agreement")" "$($run "$dir/digest" "$agreement")"
        done
    ) >"$dir/answers"
}

note() {
    echo "$1 $2" >>"$counts"
    case $1 in passed) ;; *) printf '%s: %s\n' "$1" "$2" >&2 ;; esac
}

first=
one_variant() {
    if ! can "$1"; then
        note skipped "same bits: $1 cannot be built or run here"
        return
    fi
    build "$1" >"$bits/$(name_of "$1").log" 2>&1 || {
        tail -n 20 "$bits/$(name_of "$1").log" >&2
        note failed "same bits: $1 does not build"
        return
    }
    answers "$1" || { note failed "same bits: $1 does not run"; return; }
    here=$bits/$(name_of "$1")/answers
    first=${first:-$here}
    while read -r what answer; do
        if grep -qxF "$what $answer" "$first" && [ -n "$answer" ]; then
            note passed "same bits: $1: $what"
        else
            note failed "same bits: $1: $what is $answer; ${first#"$bits"/}: $(grep -F "$what " "$first")"
        fi
    done <"$here"
}

list=$bits/variants
printf '%s\n' "$variants" >"$list"
while IFS= read -r variant <&3; do
    one_variant "$variant"
done 3<"$list"

# And what the program itself prints, which uses libsodium.
if [ -x "$builds/gcc/src/cmd/detente" ] && [ -n "$first" ]; then
    for agreement in "$root"/agreements/*/; do
        digest=$("$builds/gcc/src/cmd/detente" agreement check "$agreement" --json | tail -n 1 |
            sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/')
        if grep -qxF "digest:$(basename "$agreement") $digest" "$first"; then
            note passed "same bits: libsodium: $(basename "$agreement")"
        else
            note failed "same bits: libsodium: $(basename "$agreement") is $digest"
        fi
    done
fi
printf 'same bits: %s\n' "$(cut -d ' ' -f 1 "$counts" | sort | uniq -c | tr -s ' \n' ' ')" >&2
! grep -q '^failed' "$counts"
