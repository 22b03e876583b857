# Sourced by ./start and ./check: which Debian packages are needed, and getting them.
# POSIX sh. The caller has set `root` to the project folder.

build_packages='gcc libc6-dev meson ninja-build pkg-config python3 libsodium-dev libsqlite3-dev
libevent-dev libssl-dev libexpat1-dev zlib1g-dev ca-certificates'

test_packages='clang-14 libclang-rt-14-dev libcmocka-dev libjansson-dev libproj-dev libgeos-dev
binutils gdal-bin python3-gdal gpsd-clients python3-ais python3-jsonschema mandoc clang-format-14 jq
qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross'

# The rivals that bench/run puts beside us; it says which of them are missing and asks for none.
bench_packages='libs2-dev g++ postgresql-15 postgresql-15-postgis-3 gpsd-clients libgeos-dev'

browser_packages='chromium fonts-noto-cjk'

say() {
    printf '%s\n' "$*" >&2
}

# The packages of "$@" that dpkg does not know as installed.
missing_packages() {
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$package"
    done
}

# Installs what is missing of "$@". Needs the network only then.
need_packages() {
    command -v dpkg-query >/dev/null 2>&1 || {
        say 'This is not Debian: install these by hand, then run again with DETENTE_SKIP_PACKAGES=1:'
        say "  $*"
        [ -n "${DETENTE_SKIP_PACKAGES:-}" ] && return 0
        exit 69
    }
    missing=$(missing_packages "$@")
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -v; then
        as_root=sudo
    else
        say 'Some Debian packages are missing, and you are neither root nor can you use sudo.'
        say 'Ask somebody who is to run:'
        say "  apt-get install --no-install-recommends $(echo $missing)"
        exit 69
    fi
    say "Installing: $(echo $missing)"
    $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
        say 'apt-get could not install them; its message is above. Is the network up?'
        exit 69
    }
}

# Node.js and npm only if there are none: a newer Node than Debian's is left alone.
need_node() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && return 0
    need_packages nodejs npm
}

# Builds into build/NAME with the meson options that follow.
build() {
    name=$1
    shift
    if [ -f "$root/build/$name/build.ninja" ]; then
        meson configure "$root/build/$name" "$@" >/dev/null
    else
        meson setup "$root/build/$name" "$root" "$@" >"$root/build/$name.setup.log" 2>&1 || {
            tail -n 20 "$root/build/$name.setup.log" >&2
            exit 70
        }
    fi
    ninja -C "$root/build/$name" >"$root/build/$name.log" 2>&1 || {
        tail -n 60 "$root/build/$name.log" >&2
        say "Building failed; the whole log is build/$name.log"
        exit 70
    }
}

# The console, unless it stands and is newer than its sources. Needs the network the first time.
build_console() {
    stamp=$root/console/dist/.built
    if [ -f "$stamp" ] && [ -z "$(find "$root/console" -newer "$stamp" -type f \
        -not -path '*/node_modules/*' -not -path '*/dist/*' | head -n 1)" ]; then
        return 0
    fi
    [ -d "$root/console/node_modules" ] &&
        [ "$root/console/node_modules/.package-lock.json" -nt "$root/console/package-lock.json" ] ||
        (cd "$root/console" && npm ci --no-audit --no-fund --loglevel=error) >&2 || return 1
    (cd "$root/console" && npm run --silent build) >&2 || return 1
    : >"$stamp"
}
