using System.Globalization;
using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// What a machine's own programs take, as Kubernetes writes amounts. Without it the scheduler gives pods all of the
/// machine, and the kernel ends whoever is largest: on a master that is the API server.
/// </summary>
internal sealed record Reserved(string Cpu, string Memory)
{
    /// <summary>
    /// Kernel, systemd, agent, containerd and kubelet; then API server, controller manager and scheduler; then etcd. As
    /// measured at rest (docs/benchmarks.md) and half as much again.
    /// </summary>
    private static readonly (string Role, int MilliCpu, int Mebibytes)[] _shares =
    [
        (RoleNames.Worker, 100, 256),
        (RoleNames.Master, 150, 512),
        (RoleNames.Etcd, 50, 128),
    ];

    public static Reserved Of(IReadOnlyList<string> roles)
    {
        (string Role, int MilliCpu, int Mebibytes)[] own =
            [.. _shares.Where(share => roles.Contains(share.Role, StringComparer.Ordinal))];
        return new Reserved(
            string.Create(CultureInfo.InvariantCulture, $"{own.Sum(share => share.MilliCpu)}m"),
            string.Create(CultureInfo.InvariantCulture, $"{own.Sum(share => share.Mebibytes)}Mi"));
    }
}
