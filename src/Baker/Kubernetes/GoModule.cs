using Images.Baker.Manifest;

namespace Images.Baker.Kubernetes;

/// <summary>A Go module in a program; Go's own library is the module "stdlib", as scanners call it.</summary>
/// <param name="Path">As github.com/spf13/cobra.</param>
/// <param name="Version">As v1.1.1; Go's own without the "go" before it.</param>
internal readonly record struct GoModule(string Path, string Version)
{
    private const string StandardLibrary = "stdlib";

    /// <param name="goVersion">As go1.26.1, perhaps with words behind it.</param>
    public static GoModule StandardLibraryOf(string goVersion)
    {
        string version = goVersion.Split(' ')[0];
        return new GoModule(
            StandardLibrary, version.StartsWith("go", StringComparison.Ordinal) ? version["go".Length..] : version);
    }

    /// <summary>https://github.com/package-url/purl-spec, type golang: the path's slashes stay.</summary>
    public SoftwarePart ToPart() => new()
    {
        Name = Path,
        Version = Version,
        PackageUrl = $"pkg:golang/{string.Join('/', Path.Split('/').Select(Uri.EscapeDataString))}"
            + $"@{Uri.EscapeDataString(Version)}",
    };
}
