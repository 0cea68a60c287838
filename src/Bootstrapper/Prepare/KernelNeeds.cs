using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Waits for parts of the kernel. On a machine a unit has loaded them before; a node in a container can do no more than
/// say who can.
/// </summary>
internal sealed class KernelNeeds(NodeRoot root, TimeProvider time)
{
    private const string Filesystems = "/proc/filesystems";

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    public async Task WaitAsync(IReadOnlyList<KernelNeed> needs, WaitReport report, CancellationToken cancellationToken)
    {
        while (needs.FirstOrDefault(need => !IsThere(need)) is { } missing)
        {
            string seen = missing.Path is { } path
                ? $"there is no {path}"
                : $"{Filesystems} does not list {missing.Filesystem}";
            report.Waiting($"the kernel to have {missing.Module}", $"{seen}; {Remedy(missing, needs)}");
            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    /// <summary>Names all that are missing, so that one command is enough.</summary>
    private string Remedy(KernelNeed missing, IReadOnlyList<KernelNeed> needs)
    {
        string all = string.Join(' ', needs.Where(need => !IsThere(need)).Select(need => need.Module));
        return root.IsContainer
            ? $"a container cannot load it: run 'modprobe --all {all}' as root on the host"
            : $"see 'systemctl status modprobe@{missing.Module}.service'";
    }

    private bool IsThere(KernelNeed need) =>
        need.Path is { } path ? Path.Exists(root[path]) : File.Exists(root[Filesystems]) && Lists(need.Filesystem!);

    /// <summary>A line is the name, after "nodev" and a tab for one without a device (proc_filesystems(5)).</summary>
    private bool Lists(string filesystem) =>
        File.ReadLines(root[Filesystems]).Any(line => line.Split('\t')[^1].Trim() == filesystem);
}
