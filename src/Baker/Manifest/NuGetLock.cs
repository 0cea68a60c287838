using System.Collections.Immutable;
using System.Text.Json;

namespace Images.Baker.Manifest;

/// <summary>
/// The NuGet packages of a program by its packages.lock.json: those that are compiled into it, though trimming may
/// leave nothing of one, and those that compile it. The file does not tell them apart, so the latter are known by name.
/// </summary>
internal static class NuGetLock
{
    private static readonly ImmutableArray<string> _toolNames =
        ["Microsoft.NET.ILLink.Tasks", "Meziantou.Analyzer", "Microsoft.NETCore.App.Crossgen2"];

    private static readonly ImmutableArray<string> _toolSuffixes = ["Analyzers", "ILCompiler"];

    /// <returns>Each package once, sorted by name.</returns>
    /// <exception cref="BakeException">The file cannot be read, or is no such lock.</exception>
    public static ImmutableArray<SoftwarePart> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return
            [
                .. document.RootElement.GetProperty("dependencies").EnumerateObject()
                    .SelectMany(framework => framework.Value.EnumerateObject())
                    .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                    .Select(package => PartOf(package.Name, package.Value.GetProperty("resolved").GetString()!))
                    .DistinctBy(part => part.PackageUrl)
                    .OrderBy(part => part.PackageUrl, StringComparer.Ordinal),
            ];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException
            or KeyNotFoundException or InvalidOperationException)
        {
            throw new BakeException(
                "BAKE0406", path, $"It is no packages.lock.json that can be read: {fault.Message}",
                "Name the one of src/Bootstrapper, or leave --nuget-lock out.", inner: fault);
        }
    }

    public static SoftwarePart PartOf(string name, string version) => new()
    {
        Name = name,
        Version = version,
        // the SDK is no package of NuGet's
        PackageUrl = $"pkg:{(name == "dotnet-sdk" ? "generic" : "nuget")}/"
            + $"{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(version)}",
        IsTool = _toolNames.Contains(name)
            || _toolSuffixes.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)),
    };
}
