using Images.Baker.Locking;

namespace Images.Baker.Manifest;

/// <summary>https://github.com/package-url/purl-spec, type deb.</summary>
internal static class PackageUrls
{
    public static string OfDebian(string name, string version, string architecture, string suite) =>
        $"pkg:deb/debian/{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(version)}"
            + $"?arch={architecture}&distro={suite}";

    /// <summary>A package that made a program.</summary>
    public static SoftwarePart ToolOf(LockedPackage package) => new()
    {
        Name = package.Name,
        Version = package.Version,
        PackageUrl = OfDebian(package.Name, package.Version, package.Architecture, package.Suite),
        IsTool = true,
        Digest = package.Digest,
    };
}
