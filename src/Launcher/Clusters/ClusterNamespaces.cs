using System.Diagnostics;
using Images.Launcher.Hosts;
using Images.Launcher.Programs;

namespace Images.Launcher.Clusters;

/// <summary>
/// The user, mount, network, process, IPC and UTS namespaces that all of one cluster lives in. Their first process
/// reads a pipe of this program's until it ends: when this program is gone, however it ended, the kernel ends all that
/// is inside.
/// </summary>
internal sealed class ClusterNamespaces : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly IdRange _ids;
    private readonly Process _process;

    private ClusterNamespaces(IdRange ids, Process process, int holder)
    {
        _ids = ids;
        _process = process;
        Holder = holder;
    }

    /// <summary>The machine's number of the first process inside.</summary>
    public int Holder { get; }

    public bool IsAlive => !_process.HasExited;

    /// <summary>
    /// What comes before a program of this machine to run it in the cluster's network, with this machine's files: QEMU,
    /// curl, kubectl. It does not end with the cluster.
    /// </summary>
    public string[] HostEntrance =>
    [
        HostProgram.Require("nsenter"),
        "--target",
        $"{Holder}",
        .. _ids.IsApart ? Array.Empty<string>() : ["--user", "--preserve-credentials"],
        "--net",
        "--",
    ];

    /// <param name="inside">The folder that becomes <see cref="ClusterPaths.InsideAsSeen"/>.</param>
    /// <param name="trees">The folder of unpacked roots.</param>
    /// <param name="tree">The one of them whose programs serve the cluster.</param>
    /// <param name="ids">Ids that exist inside.</param>
    /// <exception cref="LauncherException">The kernel refuses; the message holds what was said.</exception>
    public static ClusterNamespaces Create(string inside, string trees, string tree, IdRange ids)
    {
        string[] unshare =
        [
            HostProgram.Require("unshare"),
            "--user",
            "--mount",
            "--net",
            "--pid",
            "--ipc",
            "--uts",
            "--fork",
            "--kill-child=KILL",
            HostProgram.Require("cat"),
        ];
        // real root lends the paths, for the root inside may not enter them
        Process process = HostProgram.Start(
            ids.IsApart
                ?
                [
                    unshare[0],
                    "--mount",
                    "--",
                    "/bin/sh",
                    "-c",
                    LauncherScripts.Text(LauncherScripts.LendPaths) + "\nshift 2\nexec \"$@\"",
                    "sh",
                    inside,
                    trees,
                    .. unshare,
                ]
                : unshare);
        List<string> said = [];
        process.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                said.Add(line.Data ?? "");
            }
        };
        process.BeginErrorReadLine();
        try
        {
            int holder = FindHolder(process, said);
            ids.GiveTo(holder);
            ClusterNamespaces namespaces = new(ids, process, holder);
            if (!ids.IsApart)
            {
                namespaces.RunScript(LauncherScripts.LendPaths, inside, trees);
            }

            namespaces.RunScript(LauncherScripts.SetUp, tree);
            return namespaces;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    /// <summary>The command that runs a program of the image inside.</summary>
    public string[] Enter(IEnumerable<string> command) => Enter(command, []);

    /// <summary>Likewise, with variables as <c>NAME=value</c>; it has no others but PATH.</summary>
    public string[] Enter(IEnumerable<string> command, IEnumerable<string> variables) =>
    [
        .. Entrance, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin", .. variables, .. command,
    ];

    public ProgramResult Try(IEnumerable<string> command, TimeSpan patience, string? input = null) =>
        HostProgram.Try(Enter(command), patience, input);

    /// <exception cref="LauncherException">It failed.</exception>
    public string Run(params string[] command) => HostProgram.Run(Enter(command), _patience);

    /// <summary>Ends everything inside.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            LinuxCalls.Signal(Holder, LinuxCalls.SignalKill);
            _process.WaitForExit(_patience);
        }

        _process.Dispose();
    }

    private string[] Entrance =>
    [
        HostProgram.Require("nsenter"),
        "--target",
        $"{Holder}",
        "--user",
        "--mount",
        "--net",
        "--pid",
        "--ipc",
        "--uts",
        "--",
    ];

    private void RunScript(string name, params string[] arguments) =>
        HostProgram.Run([.. Entrance, "/bin/sh", "-c", LauncherScripts.Text(name), name, .. arguments], _patience);

    private static int FindHolder(Process process, List<string> said)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string? own = ProcessView.NamespaceOf(Environment.ProcessId, "user");
        while (clock.Elapsed < _patience && !process.HasExited)
        {
            foreach (int child in ProcessView.ChildrenOf(process.Id))
            {
                if (ProcessView.NamespaceOf(child, "user") is { } other && other != own)
                {
                    return child;
                }
            }

            Thread.Sleep(2);
        }

        process.WaitForExit(TimeSpan.FromSeconds(1));
        lock (said)
        {
            throw new LauncherException(
                "BAKE0904",
                "unshare",
                $"namespaces cannot be made: {string.Join(' ', said).Trim()}",
                "The kernel must allow user namespaces to this user.");
        }
    }
}
