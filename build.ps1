#!/usr/bin/env pwsh
# Bakes the image, or runs another target: ./build.ps1 --help
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
    Write-Error "build.ps1: 'dotnet' is not on the PATH. Install the .NET 10 SDK (see global.json for the version)."
    exit 2
}

$arguments = $args
if ($arguments.Count -gt 0 -and ($arguments[0] -eq '--help' -or $arguments[0] -eq '-h')) {
    $arguments = @('--target', 'Help')
}

dotnet tool restore | Out-Null
dotnet cake build/build.cake --verbosity=quiet @arguments
exit $LASTEXITCODE
