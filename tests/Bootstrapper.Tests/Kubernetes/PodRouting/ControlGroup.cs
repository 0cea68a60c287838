using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>A control group (v2) below the tests' own that nobody is in. Who may make one in his own needs no root.</summary>
internal sealed class ControlGroup : IDisposable
{
    private readonly string _name = $"images-test-{Guid.NewGuid():N}";

    private ControlGroup(string parent)
    {
        Path = $"{parent.TrimEnd('/')}/{_name}"[1..];
        Change("mkdir");
    }

    /// <summary>From the root of all groups, as a rule of the packet filter names it.</summary>
    public string Path { get; }

    public static ControlGroup Make() =>
        new(File.ReadAllLines("/proc/self/cgroup").Single(line => line.StartsWith("0::", StringComparison.Ordinal))[3..]);

    public void Dispose() => Change("rmdir");

    /// <summary>Wherever the machine has mounted its groups, or not: a mount of its own, which ends with the command.</summary>
    private void Change(string command) => Judge.Run(
        "unshare", "--user", "--map-root-user", "--mount", "--cgroup", "sh", "-c", $"mount -t cgroup2 none /mnt && {command} /mnt/{_name}");
}
