using Images.Launcher.Hosts;
using Images.Launcher.Programs;

namespace Images.Baker.Clusters;

/// <summary>How this program is started once more, as a cluster's supervisor.</summary>
internal static class SupervisorCommand
{
    public const string Verb = "supervise";
    public const string UnpackVerb = "unpack-root";

    /// <summary>This very program, as a command.</summary>
    public static IReadOnlyList<string> Self { get; } = FindSelf();

    /// <summary>The command by which the library unpacks a root in a user namespace.</summary>
    public static IReadOnlyList<string> Unpack { get; } = [.. Self, "cluster", UnpackVerb];

    /// <summary>
    /// The command that supervises a cluster. Where systemd runs it gets a scope, so that its control groups are its
    /// own: as an ordinary user of his own manager.
    /// </summary>
    public static IReadOnlyList<string> For(ClusterPlace place, bool foreground) =>
    [
        .. SystemdScope.Find()?.Entrance($"images-{place.Name}-{LinuxCalls.ProcessId}") ?? [],
        .. Self,
        "cluster",
        Verb,
        place.Folder,
        .. foreground ? ["--foreground"] : Array.Empty<string>(),
    ];

    private static IReadOnlyList<string> FindSelf()
    {
        string program = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, Path.Combine(AppContext.BaseDirectory, "baker.dll")]
            : [program];
    }
}
