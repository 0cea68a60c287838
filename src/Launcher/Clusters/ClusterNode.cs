using System.Diagnostics;
using Images.Formats;
using Images.Launcher.Hosts;
using Images.Launcher.Programs;
using Images.Launcher.Roots;

namespace Images.Launcher.Clusters;

/// <summary>
/// One machine of a cluster as a container: an image's root with systemd as its first process. Its data outlives it and
/// this object; everything else ends with the cluster.
/// </summary>
internal sealed class ClusterNode
{
    /// <summary>systemd's own signal for <c>systemctl poweroff</c>: SIGRTMIN+4.</summary>
    private const int SignalPowerOff = 34 + 4;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly string[] _seedFiles = ["user-data", "meta-data", "network-config"];

    private readonly Lock _lock = new();
    private readonly ContainerCluster _cluster;
    private readonly NodeOptions _options;
    private readonly string _folder;
    private readonly NodeSlots _slots;
    private Running? _running;
    private RootLease? _written;
    private NodeBoot? _boot;
    private NodeEnd? _lastEnd;

    internal ClusterNode(ContainerCluster cluster, NodeOptions options)
    {
        _cluster = cluster;
        _options = options;
        _folder = cluster.Paths.Node(options.Name);
        _slots = new NodeSlots(Path.Combine(_folder, "slots"), cluster.Ids);
    }

    public string Name => _options.Name;

    public string Address => _options.Address;

    public NodeOptions Options => _options;

    /// <summary>What was written on its console, of all its starts.</summary>
    public string ConsoleFile => Path.Combine(_cluster.Paths.Logs, $"{Name}.console");

    /// <summary>Its data, which it has as /state.</summary>
    public string StateFolder => Path.Combine(_folder, "state");

    public bool IsRunning => _running is { } running && !running.Ended.IsCompleted;

    /// <summary>The machine's number of its first process; 0 while it does not run.</summary>
    public int ProcessId => IsRunning ? _running!.FirstProcess : 0;

    /// <summary>Its console while it runs.</summary>
    public NodeConsole? Console => IsRunning ? _running!.Console : null;

    /// <summary>Processor time of this start.</summary>
    public TimeSpan ProcessorTime => _running?.Groups.ProcessorTime ?? TimeSpan.Zero;

    /// <summary>Memory that it holds; null while it does not run.</summary>
    public long? MemoryBytes => IsRunning ? _running!.Groups.MemoryBytes : null;

    /// <summary>How it ended last; null if it never did since the cluster was started.</summary>
    public NodeEnd? LastEnd => IsRunning ? null : _lastEnd;

    /// <summary>Whether it was started to try an image: it is started again, however it ended.</summary>
    public bool IsOnTrial => _boot is { IsCounted: true };

    /// <summary>Called when it has ended, however; not from the thread of a caller.</summary>
    public Action<ClusterNode, NodeEnd>? WhenEnded { get; set; }

    /// <summary>
    /// Lays a seed where every start takes it from: user-data, meta-data and network-config of a folder; null: none.
    /// </summary>
    public void GiveSeed(string? seedFolder)
    {
        string target = Path.Combine(_folder, "seed");
        CreateFolder();
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        if (seedFolder is not null)
        {
            ClusterPaths.CreateFor(target, _cluster.Ids);
            foreach (string name in _seedFiles.Where(name => File.Exists(Path.Combine(seedFolder, name))))
            {
                GiveFile(Path.Combine(seedFolder, name), Path.Combine(target, name));
            }
        }
    }

    /// <summary>Lays a file over the root's /etc at every start, as a drop-in that only a test wants.</summary>
    /// <param name="path">Relative to /etc.</param>
    /// <param name="content">Text of it.</param>
    public void GiveEtcFile(string path, string content)
    {
        string target = Path.Combine(_folder, "etc");
        CreateFolder();
        foreach (string folder in Path.GetDirectoryName(path)!.Split('/').Prepend("."))
        {
            target = Path.Combine(target, folder);
            ClusterPaths.CreateFor(target, _cluster.Ids);
        }

        string file = Path.Combine(target, Path.GetFileName(path));
        File.WriteAllText(file, content);
        LinuxCalls.ChangeOwner(file, _cluster.Ids.Root, _cluster.Ids.RootGroup);
    }

    /// <summary>Switches it on; returns when its systemd is about to start.</summary>
    /// <exception cref="LauncherException">It runs already, or cannot be started.</exception>
    public void Start()
    {
        lock (_lock)
        {
            if (IsRunning)
            {
                throw new LauncherException("BAKE0920", Name, "runs already.", "Stop it first.");
            }

            CreateFolder();
            ClusterPaths.CreateFor(StateFolder, _cluster.Ids);
            RootLease root = ChooseRoot();
            _cluster.Network.Reserve(_options.Mac, Address, _options.OnSecondServer);
            NodeControlGroup groups = _cluster.Groups.CreateNode(Name, _cluster.Ids);
            NodeConsole console = NodeConsole.Open(_cluster.Namespaces, Name, ConsoleFile);
            try
            {
                _running = Running.Begin(this, root.Name, groups, console);
            }
            catch
            {
                console.Dispose();
                groups.Remove();
                throw;
            }
        }
    }

    /// <summary>Switches it off and waits for the end; after the patience its power is cut.</summary>
    public NodeEnd Stop(TimeSpan patience)
    {
        if (_running is { } running && IsRunning)
        {
            LinuxCalls.Signal(running.FirstProcess, SignalPowerOff);
            if (!running.Ended.Wait(patience))
            {
                CutPower();
            }
        }

        return WaitForEnd(_patience);
    }

    /// <summary>
    /// As if its plug were pulled: its link is gone at once, every process of it killed, what it wrote stays.
    /// </summary>
    public void CutPower()
    {
        if (_running is not { } running || !IsRunning)
        {
            return;
        }

        // what holds on to the network namespace would let a dead node's addresses answer for a while
        _cluster.Namespaces.Try(["ip", "link", "delete", Link], _patience);
        LinuxCalls.Signal(running.FirstProcess, LinuxCalls.SignalKill);
        WaitForEnd(_patience);
    }

    /// <summary>Waits until it has ended, and tells how.</summary>
    /// <exception cref="LauncherException">It was never started, or did not end in time.</exception>
    public NodeEnd WaitForEnd(TimeSpan patience)
    {
        Running running = _running ?? throw new LauncherException("BAKE0921", Name, "was not started.", "");
        return running.Ended.Wait(patience)
            ? running.Ended.Result
            : throw new LauncherException(
                "BAKE0922", Name, $"did not end within {patience.TotalSeconds:0} s.", "Cut its power.");
    }

    /// <summary>Gives it a blank disk: what it wrote is gone.</summary>
    /// <exception cref="LauncherException">It runs.</exception>
    public void Wipe()
    {
        lock (_lock)
        {
            if (IsRunning)
            {
                throw new LauncherException("BAKE0920", Name, "runs.", "Stop or cut it first.");
            }

            _slots.Remove();
            if (Directory.Exists(StateFolder))
            {
                InRange.Run(
                    _cluster.Ids, ["/bin/rm", "-rf", "--one-file-system", StateFolder], TimeSpan.FromMinutes(2));
            }
        }
    }

    /// <summary>
    /// The command that runs a program in the node, as its root, in all its namespaces and its control group.
    /// </summary>
    /// <exception cref="LauncherException">It does not run.</exception>
    public string[] EnterCommand(IEnumerable<string> command, string terminal = "dumb")
    {
        Running running = _running is { } one && IsRunning
            ? one
            : throw new LauncherException("BAKE0923", Name, "does not run.", "Start it first.");
        return
        [
            .. running.Groups.GuestEntrance,
            HostProgram.Require("nsenter"), "--target", $"{running.FirstProcess}", "--all", "--",
            "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin", "HOME=/root", $"TERM={terminal}", .. command,
        ];
    }

    /// <summary>Runs a program in the node to its end.</summary>
    public ProgramResult Exec(IEnumerable<string> command, TimeSpan patience, string? input = null) =>
        HostProgram.Try(EnterCommand(command), patience, input);

    /// <summary>
    /// What the boot loader of a machine does, and its /init where a slot holds no whole root: while the image is on
    /// trial, a try is gone and the next choice made.
    /// </summary>
    private RootLease ChooseRoot()
    {
        _written?.Dispose();
        _written = null;
        _slots.Prepare(_cluster.Root.Name);
        NodeBoot? before = null;
        while (true)
        {
            _boot = _slots.Choose();
            bool isLast = !_boot.IsCounted || _boot == before;
            before = _boot;
            try
            {
                _written = _boot.RootFile is { } file ? _cluster.Roots.ObtainWritten(file, Say) : null;
                RootLease root = _written ?? _cluster.Root;
                File.WriteAllText(Path.Combine(_folder, "boot"), _boot.Words(root.RootHash));
                return root;
            }
            catch (Exception e)
                when (e is MalformedDataException or IOException or UnauthorizedAccessException or LauncherException)
            {
                Say($"slot {_boot.Slot} holds no whole root ({_boot.Entry}): {e.Message}");
                if (isLast)
                {
                    throw new LauncherException(
                        "BAKE0925", Name, $"slot {_boot.Slot} holds no whole root: {e.Message}",
                        "Wipe the node: it then starts with the image that it came with.", e);
                }
            }
        }
    }

    /// <summary>On the console, as the machine's own first program does.</summary>
    private void Say(string line) => File.AppendAllText(ConsoleFile, $"\r\ninit: {line}\r\n");

    /// <summary>The end of the node's cable at the bridge.</summary>
    private string Link => $"v{_options.Number}";

    private void CreateFolder()
    {
        ClusterPaths.CreateFor(_folder, _cluster.Ids);
    }

    private void GiveFile(string source, string target)
    {
        File.Copy(source, target);
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        LinuxCalls.ChangeOwner(target, _cluster.Ids.Root, _cluster.Ids.RootGroup);
    }

    private void Finish(Running running, NodeEnd end)
    {
        running.Console.Dispose();
        running.Groups.Remove();
        _lastEnd = end;
    }

    /// <summary>One start of the node, until it ends.</summary>
    private sealed class Running
    {
        private readonly TaskCompletionSource<NodeEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<string> _said = [];
        private readonly Process _process;

        private Running(Process process, NodeControlGroup groups, NodeConsole console)
        {
            _process = process;
            Groups = groups;
            Console = console;
        }

        public NodeControlGroup Groups { get; }

        public NodeConsole Console { get; }

        public int FirstProcess { get; private set; }

        public Task<NodeEnd> Ended => _end.Task;

        public static Running Begin(ClusterNode node, string tree, NodeControlGroup groups, NodeConsole console)
        {
            ContainerCluster cluster = node._cluster;
            string[] variables =
            [
                $"node={node.Name}", $"number={node._options.Number}", $"mac={node._options.Mac}", $"tree={tree}",
                $"cgroup_v1={string.Join(' ', cluster.Groups.Version1)}",
            ];
            Process process = HostProgram.Start(
                [
                    // who is started in the background may ignore them, and a node tells by them how it ended
                    HostProgram.Require("env"), "--default-signal=HUP,INT",
                    .. groups.Entrance,
                    .. cluster.Namespaces.Enter(
                        ["/bin/sh", $"{ClusterPaths.InsideAsSeen}/scripts/start-node"], variables),
                ]);
            Running running = new(process, groups, console);
            running.ListenTo(process, node);
            running.FirstProcess = running.FindFirstProcess();
            process.StandardInput.WriteLine("go");
            process.StandardInput.Close();
            return running;
        }

        private void ListenTo(Process process, ClusterNode node)
        {
            process.OutputDataReceived += (_, line) => Hear(line.Data);
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            Thread waiting = new(() => WaitForEnd(node)) { IsBackground = true, Name = $"end of {node.Name}" };
            waiting.Start();
        }

        private void WaitForEnd(ClusterNode node)
        {
            _process.WaitForExit();
            string said;
            lock (_said)
            {
                said = string.Join('\n', _said);
            }

            NodeEnd end = NodeEnd.Of(_process.ExitCode, said);
            node.Finish(this, end);
            _end.SetResult(end);
            node.WhenEnded?.Invoke(node, end);
        }

        private void Hear(string? line)
        {
            if (line is null)
            {
                return;
            }

            lock (_said)
            {
                _said.Add(line);
                if (_said.Count > 20)
                {
                    _said.RemoveAt(0);
                }
            }
        }

        /// <summary>
        /// nsenter → start-node, now unshare → the first process of the node, and a helper beside it; all but that
        /// leave the node's group.
        /// </summary>
        private int FindFirstProcess()
        {
            Stopwatch clock = Stopwatch.StartNew();
            while (clock.Elapsed < _patience && !_process.HasExited)
            {
                foreach (int starter in ProcessView.ChildrenOf(_process.Id))
                {
                    int[] children = ProcessView.ChildrenOf(starter);
                    int first = children.FirstOrDefault(
                        child =>
                            ProcessView.CommandOf(child) is [.., var script]
                                && script.EndsWith("/begin-node", StringComparison.Ordinal));
                    if (first != 0)
                    {
                        foreach (int other in children.Except([first]).Append(starter).Append(_process.Id))
                        {
                            LeaveGroup(other);
                        }

                        return first;
                    }
                }

                Thread.Sleep(3);
            }

            _process.Kill(entireProcessTree: true);
            NodeEnd? end = _end.Task.Wait(_patience) ? _end.Task.Result : null;
            throw new LauncherException("BAKE0924", "the node's start", $"failed: {end?.Said}", "");
        }

        private void LeaveGroup(int process)
        {
            try
            {
                Groups.MoveOut(process);
            }
            catch (IOException)
            {
                // it has ended meanwhile
            }
        }
    }
}
