#!/bin/sh
# Makes or mends the virtual environment that the Makefile works in: venv.sh FOLDER
# Uses uv if it is there, else venv and pip. Needs Python 3.11 or newer.
set -eu
venv=$1

fail() {
    echo "make: $1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
}

if command -v uv >/dev/null 2>&1; then
    if ! new_enough "$venv/bin/python"; then
        python=$(find_python)
        uv venv --quiet --clear --python "${python:-3.12}" "$venv"
    fi
    uv pip install --quiet --python "$venv/bin/python" --editable . --group dev
    exit
fi

if ! new_enough "$venv/bin/python"; then
    python=$(find_python)
    [ -n "$python" ] || fail "no Python 3.11 or newer here. Install one, or uv (https://docs.astral.sh/uv), which brings its own."
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python cannot make virtual environments. Install its venv package (Debian, Ubuntu: apt install python3-venv) or uv."
    "$python" -m venv --clear "$venv" || fail "$python -m venv failed; see above. uv would do instead."
fi
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$venv/bin/python" -m ensurepip >/dev/null ||
    fail "$venv has no pip and cannot get one. Remove $venv and run make again."
# Dependency groups came with pip 25.1.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable . --group dev
