#!/usr/bin/env pwsh
# Bakes the image, or runs another target: ./build.ps1 --help
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
$env:DOTNET_CLI_TELEMETRY_OPTOUT = '1'
$env:DOTNET_NOLOGO = '1'

# The host looks for an SDK that global.json accepts; its own words for "none" are a page long.
$version = try { dotnet --version 2>$null } catch { $null } # where there is no dotnet at all
if (-not $version) {
    $wanted = (Get-Content global.json -Raw | ConvertFrom-Json).sdk.version
    $line = $wanted.Substring(0, $wanted.LastIndexOf('.'))
    [Console]::Error.WriteLine("build.ps1: the .NET SDK $wanted, or a later one of $line, is needed (global.json). It is at https://dotnet.microsoft.com/download/dotnet/$line")
    exit 2
}

$arguments = $args
if ($arguments.Count -gt 0 -and ($arguments[0] -eq '--help' -or $arguments[0] -eq '-h')) {
    $arguments = @('--target', 'Help')
}

dotnet tool restore | Out-Null
dotnet cake build/build.cake --verbosity=quiet @arguments
exit $LASTEXITCODE
