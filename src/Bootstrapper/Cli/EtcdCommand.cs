using System.Globalization;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper etcd remove NAME</c>, <c>snapshot [FILE]</c>, <c>prove FILE</c>, <c>restore FILE</c>,
/// <c>hand-over</c> and <c>defrag</c>: what a person may want of a cluster that looks after itself otherwise.
/// </summary>
internal static class EtcdCommand
{
    private const long Mebibyte = 1L << 20;

    /// <summary>etcd wants some seconds of contact with all members first.</summary>
    private static readonly TimeSpan _patienceWithRemoval = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>Removes a member for good.</summary>
    /// <param name="wanted">Its name, id or address, as <c>bootstrapper status</c> prints them.</param>
    public static Task<int> RemoveAsync(NodeRoot root, TextWriter output, string wanted) => GuardAsync(
        root, "etcd remove", async (state, time) =>
        {
            using EtcdGateway own = EtcdNode.Access(root, time).Connect(state.Identity.Address);
            EtcdMemberList list = await own.ListAsync(CancellationToken.None);
            EtcdMemberInfo gone = Find(list, wanted);
            long begun = time.GetTimestamp();
            while (true)
            {
                try
                {
                    await own.RemoveAsync(gone.Id, CancellationToken.None);
                    break;
                }
                catch (EtcdGatewayException e) when (e.Message.Contains("unhealthy cluster", StringComparison.Ordinal)
                    && time.GetElapsedTime(begun) < _patienceWithRemoval)
                {
                    await Task.Delay(_pause, time);
                }
            }

            output.WriteLine(
                $"Removed {gone}. Its machine keeps its data and starts no etcd. Take its address out of DNS, "
                    + "or let it join anew: 'bootstrapper reset --yes' there, and a reboot.");
            return ExitCodes.Done;
        });

    /// <summary>Takes a snapshot now and proves it.</summary>
    /// <param name="file">Null for one among those that are kept by schedule.</param>
    public static Task<int> SnapshotAsync(NodeRoot root, TextWriter output, string? file) => GuardAsync(
        root, "etcd snapshot", async (state, time) =>
        {
            EtcdSnapshots snapshots = EtcdNode.Snapshots(root, state, new Narrator(output.WriteLine), time);
            (string place, EtcdSnapshotProof proof) = file is null
                ? await snapshots.TakeAsync(CancellationToken.None)
                : (Path.GetFullPath(file),
                    await snapshots.TakeToAsync(Path.GetFullPath(file), CancellationToken.None));
            output.WriteLine($"{place}: {proof}");
            return ExitCodes.Done;
        });

    /// <summary>Proves that a cluster can be restored from a file; whatever runs goes on.</summary>
    public static Task<int> ProveAsync(NodeRoot root, TextWriter output, string file) => GuardAsync(
        root, "etcd prove", async (_, time) =>
        {
            string path = Path.GetFullPath(file);
            output.WriteLine($"{path}: {await ProveAsync(root, path, time)}");
            return ExitCodes.Done;
        });

    /// <summary>Lets another member lead, if this one does: its stop is then no election.</summary>
    public static Task<int> HandOverAsync(NodeRoot root, TextWriter output) => GuardAsync(
        root, "etcd hand-over", async (state, time) =>
        {
            EtcdAccess access = EtcdNode.Access(root, time);
            using EtcdGateway own = access.Connect(state.Identity.Address);
            EtcdMemberStatus status = await own.StatusAsync(CancellationToken.None);
            if (status.LeaderId != status.MemberId)
            {
                output.WriteLine("Another member leads.");
                return ExitCodes.Done;
            }

            EtcdMemberList list = await own.ListAsync(CancellationToken.None);
            EtcdMemberInfo[] others =
            [
                .. list.Members.Where(member => member.Id != status.MemberId
                    && !member.IsLearner && member.Address.Length > 0),
            ];
            if (others.Length == 0)
            {
                output.WriteLine("There is no other member that could lead.");
                return ExitCodes.Done;
            }

            foreach (EtcdMemberInfo other in others)
            {
                if (await IsWellAsync(access, other))
                {
                    await own.MoveLeaderAsync(other.Id, CancellationToken.None);
                    output.WriteLine($"{other} leads now.");
                    return ExitCodes.Done;
                }
            }

            throw new BootFailure(
                "NODE0821", string.Join(", ", others.AsEnumerable()),
                "none of the other members answers, so none can lead in this one's place",
                "'bootstrapper status' says how the members are");
        });

    /// <summary>Writes this member's database anew without its free pages.</summary>
    public static Task<int> DefragmentAsync(NodeRoot root, TextWriter output) => GuardAsync(
        root, "etcd defrag", async (state, time) =>
        {
            using EtcdGateway own = EtcdNode.Access(root, time).Connect(state.Identity.Address);
            EtcdMemberStatus before = await own.StatusAsync(CancellationToken.None);
            long saved = await EtcdNode.Care(root, state, new Narrator(output.WriteLine), _ => { }, time)
                .DefragmentAsync(before, CancellationToken.None);
            output.WriteLine(
                $"The database of this member had {before.DatabaseBytes / Mebibyte} MiB, and has "
                    + $"{(before.DatabaseBytes - saved) / Mebibyte} MiB now.");
            return ExitCodes.Done;
        });

    /// <summary>Begins a cluster on this machine with what a snapshot holds.</summary>
    public static Task<int> RestoreAsync(NodeRoot root, TextWriter output, string file, bool confirmed) => GuardAsync(
        root, "etcd restore", async (state, time) =>
        {
            string path = Path.GetFullPath(file);
            if (!confirmed)
            {
                output.WriteLine(
                    $"This makes this machine the first member of a new cluster with what {path} holds. "
                        + $"What it has now is moved aside, to {EtcdPaths.BeforeRestore}-…. All other members "
                        + "must be stopped or blank; they join afterwards. Add --yes to do it.");
                return ExitCodes.Usage;
            }

            EtcdRestore restore = new(root, state, EtcdSnapshotTool.OfMachine(root), time);
            IReadOnlyList<string> others = await restore.FindOthersAsync(CancellationToken.None);
            if (others.Count > 0)
            {
                throw new BootFailure(
                    "NODE0406", string.Join(", ", others),
                    "a member of the cluster runs there, or is about to, so that there would be two clusters",
                    "run 'bootstrapper reset --yes' there and leave it off until this machine is restored");
            }

            EtcdSnapshotProof proof = await ProveAsync(root, path, time);
            Version version = await new EtcdProgram(root[EtcdPaths.Program]).VersionAsync(CancellationToken.None);
            await SystemctlAsync(root, "stop", "bootstrapper-agent.service", EtcdPaths.Unit);
            try
            {
                using FileLock held = EtcdSnapshots.Reserve(root);
                string? former = await restore.RunAsync(path, version, CancellationToken.None);
                output.WriteLine(
                    $"Restored {path}: {proof}." + (former is null ? "" : $" What was there before is in {former}.")
                        + " Start the other machines with blank disks: they join one after another.");
            }
            finally
            {
                await SystemctlAsync(root, "start", "--no-block", "bootstrapper-agent.service", EtcdPaths.Unit);
            }

            return ExitCodes.Done;
        });

    /// <summary>By name, id or address.</summary>
    /// <exception cref="BootFailure">There is none, or no other than several.</exception>
    public static EtcdMemberInfo Find(EtcdMemberList list, string wanted)
    {
        EtcdMemberInfo[] found =
        [
            .. list.Members.Where(member => member.Name == wanted || member.Address == wanted
                || (ulong.TryParse(wanted, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong id)
                    && member.Id == id)),
        ];
        return found.Length == 1
            ? found[0]
            : throw new BootFailure(
                "NODE0404", wanted, "etcd has no such member",
                $"its members are {string.Join(", ", list.Members)}");
    }

    private static async Task<bool> IsWellAsync(EtcdAccess access, EtcdMemberInfo member)
    {
        try
        {
            using EtcdGateway there = access.Connect(member.Address);
            return (await there.StatusAsync(CancellationToken.None)).MemberId == member.Id;
        }
        catch (EtcdGatewayException)
        {
            return false;
        }
    }

    private static async Task<EtcdSnapshotProof> ProveAsync(NodeRoot root, string path, TimeProvider time)
    {
        using FileLock held = EtcdSnapshots.Reserve(root);
        return await EtcdNode.Drill(root, time).ProveAsync(
            path, (_, _) => Task.FromResult<long?>(null), CancellationToken.None);
    }

    private static async Task SystemctlAsync(NodeRoot root, params string[] arguments)
    {
        if (!root.IsMachine)
        {
            return;
        }

        CommandResult result = await CommandRunner.RunAsync("systemctl", arguments, CancellationToken.None);
        if (!result.Succeeded)
        {
            throw new BootFailure(
                "NODE0602", $"systemctl {arguments[0]}", result.Reason, "stop the units by hand and try again");
        }
    }

    private static async Task<int> GuardAsync(
        NodeRoot root, string place, Func<NodeState, TimeProvider, Task<int>> work)
    {
        NodeState state = NodeState.Load(root);
        if (!state.Identity.Roles.Contains(EtcdAgent.Role, StringComparer.Ordinal))
        {
            throw new BootFailure(
                "NODE0407", place, "this machine is no member of etcd", "run it on a machine with the role etcd");
        }

        if (root.IsMachine && !Environment.IsPrivilegedProcess)
        {
            throw new UnauthorizedAccessException("The certificates of etcd belong to root.");
        }

        try
        {
            return await work(state, TimeProvider.System);
        }
        catch (Exception e) when (e is EtcdGatewayException or EtcdSnapshotException or IOException)
        {
            throw new BootFailure(
                "NODE0405", place, FaultText.Of(e), "'bootstrapper status' says how the members are");
        }
    }
}
