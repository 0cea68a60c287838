#!/usr/bin/env bash
# Bakes the image, or runs another target: ./build.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

if ! command -v dotnet >/dev/null; then
    echo "build.sh: 'dotnet' is not on the PATH. Install the .NET 10 SDK (see global.json for the version)." >&2
    exit 2
fi

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
    set -- --target Help
fi

dotnet tool restore >/dev/null
exec dotnet cake build/build.cake --verbosity=quiet "$@"
