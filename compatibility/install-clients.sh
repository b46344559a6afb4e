#!/bin/sh
# Installs the foreign clients that the tests drive, where they are missing: Debian's kcat and Python clients by apt-get
# (as root), kafkajs by npm into the folder given (default: target/npm). Asks nobody when all is there already.
# Exit codes: 0 all there, 3 something is missing and could not be installed (said on standard error).
set -u
here=$(cd "$(dirname "$0")" && pwd)
npm_folder=${1:-$here/target/npm}
kafkajs=2.2.4
kafkajs_snappy=1.1.0
debian_packages="kcat python3-confluent-kafka python3-kafka python3-snappy python3-lz4 python3-zstandard"
missing=""
status=0

is_installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

# Other programs may hold apt's lock, and a mirror may fail once.
retried() {
    for attempt in 1 2 3; do
        "$@" && return 0
        sleep $((attempt * 3))
    done
    return 1
}

if command -v dpkg-query >/dev/null 2>&1; then
    for package in $debian_packages; do
        is_installed "$package" || missing="$missing $package"
    done
    command -v node >/dev/null 2>&1 || missing="$missing nodejs"
    command -v npm >/dev/null 2>&1 || missing="$missing npm"
    if [ -n "$missing" ]; then
        if [ "$(id -u)" -ne 0 ]; then
            echo "install-clients: not root, so these Debian packages stay missing:$missing" >&2
            status=3
        else
            export DEBIAN_FRONTEND=noninteractive
            retried apt-get -q -o DPkg::Lock::Timeout=120 update || true
            # shellcheck disable=SC2086 # a list of names
            retried apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $missing || {
                echo "install-clients: apt-get could not install:$missing" >&2
                status=3
            }
        fi
    fi
else
    echo "install-clients: not a Debian system; install these by hand: $debian_packages" >&2
    status=3
fi

has_module() {
    grep -q "\"version\": \"$2\"" "$npm_folder/node_modules/$1/package.json" 2>/dev/null
}

if ! has_module kafkajs "$kafkajs" || ! has_module kafkajs-snappy "$kafkajs_snappy"; then
    mkdir -p "$npm_folder"
    retried npm install --prefix "$npm_folder" --no-audit --no-fund --no-package-lock --loglevel=error \
        "kafkajs@$kafkajs" "kafkajs-snappy@$kafkajs_snappy" || {
        echo "install-clients: npm could not install kafkajs $kafkajs" >&2
        status=3
    }
fi
exit $status
