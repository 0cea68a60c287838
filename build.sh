#!/usr/bin/env bash
# Bakes the image, or runs another target: ./build.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# The host looks for an SDK that global.json accepts; its own words for "none" are a page long.
if ! dotnet --version >/dev/null 2>&1; then
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' global.json)
    found=$(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | paste -sd ' ') || true
    echo "build.sh: the .NET SDK $wanted, or a later one of ${wanted%.*}, is needed (global.json); ${found:-none} is installed. It is at https://dotnet.microsoft.com/download/dotnet/${wanted%.*}" >&2
    exit 2
fi

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
    set -- --target Help
fi

dotnet tool restore >/dev/null
exec dotnet cake build/build.cake --verbosity=quiet "$@"
