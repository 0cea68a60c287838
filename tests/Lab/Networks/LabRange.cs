using Images.Lab.Machines;
using Images.Launcher.Hosts;
using Images.Launcher.Roots;
using Images.TestSupport;

namespace Images.Lab.Networks;

/// <summary>Whom the containers of whoever runs the tests belong to, and where roots lie unpacked for them.</summary>
internal static class LabRange
{
    /// <summary>For <see cref="RootStore"/>: this program, called so, unpacks a root where the tests have no right to give files away.</summary>
    public const string Unpack = "unpack";

    public static IdRange Own { get; } = IdRange.Find()
        ?? throw new MachineException("Containers need a range of ids: the user who runs the tests has none in /etc/subuid and /etc/subgid.");

    /// <summary>The product's own cache.</summary>
    public static string Cache { get; } = FindCache();

    /// <summary>The command of <see cref="Unpack"/>.</summary>
    public static string[] UnpackCommand => [Judge.Find("dotnet"), Path.Combine(AppContext.BaseDirectory, "lab.dll"), Unpack];

    /// <summary>The product's own store.</summary>
    public static RootStore Roots() => new(Cache, Own, UnpackCommand);

    private static string FindCache()
    {
        string users = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set && Path.IsPathRooted(set)
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return Environment.GetEnvironmentVariable("IMAGES_CACHE") is { Length: > 0 } named ? named : Path.Combine(users, "images");
    }
}
