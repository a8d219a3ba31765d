#!/usr/bin/env bash
# Prints the version of these sources, which is that of the first heading in
# CHANGELOG.md: v0.1.0, or v0.1.0-dev while the heading says "unreleased".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

awk '/^## v[0-9]/ { print $2 (/unreleased/ ? "-dev" : ""); found = 1; exit } END { exit !found }' CHANGELOG.md
