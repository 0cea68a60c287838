using System.Diagnostics;
using System.Globalization;
using System.Text;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Etcd;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Agent;

/// <summary>
/// The published program as the agent of a machine with the roles etcd and master, beside a <see cref="NativeControlPlane"/>: its root is
/// that one's folder with this host's programs and libraries mounted there. systemd is not there, and systemctl says so at once.
/// </summary>
internal sealed class NativeAgent : IDisposable
{
    private const string Log = "agent";

    private static readonly string[] _ofHost = ["/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/etc/alternatives", "/proc", "/dev", "/sys"];

    private readonly NativeControlPlane _plane;
    private readonly FakeResolved _resolved;
    private readonly Process _process;

    /// <param name="plane">Its programs run.</param>
    /// <param name="program">The published bootstrapper.</param>
    /// <param name="workers">Addresses that DNS names as workers; null: this machine's own, as of every other role.</param>
    public NativeAgent(NativeControlPlane plane, string program, IReadOnlyList<string>? workers = null)
    {
        _plane = plane;
        NodeRoot root = new(plane.Moved("/"));
        NodeState state = plane.Machine.State;
        new IdentityStore(root).Save(state.Identity, new StoredMetadata(Encoding.UTF8.GetBytes(plane.Machine.UserData), []));
        Directory.CreateDirectory(root[NodePaths.ProgramFolder]);
        Directory.CreateDirectory(root[NodePaths.RunFolder]);
        File.WriteAllBytes(root[NodePaths.CompiledRoles], state.ImageRoles.ToJson());
        File.Copy(program, root[NodePaths.Program], overwrite: true);
        StatusFile.Write(root, new StatusDocument { Phase = StatusDocument.RolesStarted, BootStarted = 1 });
        _resolved = new FakeResolved(root[ResolvedResolver.DefaultSocket], name => workers is not null && name.StartsWith("workers.", StringComparison.Ordinal) ? workers : [NativeControlPlane.Address]);
        _process = plane.StartWithMounts(Log, "sh", "-c", Script(root["/"].TrimEnd('/')));
    }

    /// <summary>What it has said.</summary>
    public string Said => _plane.Log(Log);

    /// <summary>Processor time until now, its programs' that have ended included.</summary>
    public TimeSpan Processor
    {
        get
        {
            string[] fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[1].Split(' '); // proc_pid_stat(5), from its third field on
            const int UserTime = 14 - 3, Four = 4, TicksPerSecond = 100;
            return TimeSpan.FromSeconds(fields[UserTime..(UserTime + Four)].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond);
        }
    }

    /// <summary>Memory that it has now, its own and what it maps of files: VmRSS of proc_pid_status(5).</summary>
    public double ResidentMebibytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public void Dispose() => _resolved.Dispose();

    private static string Script(string root)
    {
        StringBuilder script = new("set -e\n");
        foreach (string folder in _ofHost)
        {
            script.Append(CultureInfo.InvariantCulture, $"mkdir -p {root}{folder}\nmount --rbind {folder} {root}{folder}\n");
        }

        foreach (string merged in new[] { "bin", "sbin", "lib", "lib64" })
        {
            script.Append(CultureInfo.InvariantCulture, $"ln -sfn usr/{merged} {root}/{merged}\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $$"""
            export PATH=/usr/bin:/usr/sbin DOTNET_GCgen0size=100000 MALLOC_ARENA_MAX=1
            exec chroot {{root}} {{NodePaths.Program}} agent
            """).ToString();
    }
}
