# shellcheck shell=bash
# Sourced by the scripts beside it. Owns .venv, which holds what a lock says and the project itself,
# and the way to packages of the system. Says what it does on standard error, a line a step.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
python=$venv/bin/python

say() { printf '%s\n' "$*" >&2; }

# as_root COMMAND…: runs it as root, or fails without asking anybody for a password.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi </dev/null >/dev/null 2>&1
}

# install_packages NAME…: those that Debian has, if we may. The caller looks at what came of it.
install_packages() {
    command -v apt-get >/dev/null && as_root true || return 0
    local name install=(env DEBIAN_FRONTEND=noninteractive
        apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends)
    say "Installing with apt-get: $*"
    as_root "${install[@]}" "$@" && return 0
    as_root apt-get -o DPkg::Lock::Timeout=120 update || true
    as_root "${install[@]}" "$@" && return 0
    for name in "$@"; do as_root "${install[@]}" "$name" || true; done
}

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        command -v "$name" && return 0
    done
    return 1
}

make_venv() {
    local base
    base=$(find_python) || { install_packages python3 python3-venv; base=$(find_python); } ||
        { say "Python 3.11 or later is needed, and not found here."; return 1; }
    if ! "$base" -c 'import ensurepip' 2>/dev/null; then
        local package
        package=$("$base" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        install_packages "$package"
        "$base" -c 'import ensurepip' 2>/dev/null ||
            { say "$base cannot make environments. Install $package, and try again."; return 1; }
    fi
    say "Making .venv with $("$base" --version)"
    "$base" -m venv --clear "$venv"
}

# environment LOCK: .venv holds what LOCK says. Does nothing when it did before.
environment() {
    local lock=$1 key pip=("$python" -m pip --disable-pip-version-check --no-input -qq)
    local stamp=$venv/$lock.installed
    key=$(cat "$root/$lock" "$root/pyproject.toml" <(echo "$root") | cksum)
    mkdir -p "$venv"
    # Two terminals may start at once; the second waits, and finds the work done.
    exec 9>>"$root/.venv/.lock"
    flock 9
    "$python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_venv
    if [ "$(cat "$stamp" 2>/dev/null)" != "$key" ]; then
        say "Installing $(grep -c == "$root/$lock") packages from $lock"
        "${pip[@]}" install --require-hashes --requirement "$root/$lock"
        "${pip[@]}" install --no-deps --no-build-isolation --editable "$root"
        printf '%s\n' "$key" >"$stamp"
        say "Ready"
    fi
    exec 9>&-
}
