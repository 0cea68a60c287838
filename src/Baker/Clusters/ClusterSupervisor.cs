using System.Net;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Images.Baker.Caching;
using Images.Launcher;
using Images.Launcher.Clusters;
using Images.Launcher.Hosts;
using Images.Launcher.Programs;
using Images.Launcher.Roots;

namespace Images.Baker.Clusters;

/// <summary>
/// The one process that holds a cluster: its nodes and its network end with it, however it ends. It starts again what
/// rebooted, relays ports of 127.0.0.1, and answers on the control socket.
/// </summary>
internal sealed class ClusterSupervisor : IDisposable
{
    /// <summary>State of a node that did not come up, or crashed.</summary>
    public const string Failed = "failed";

    private const int ApiServerPort = 6443;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _lookWhenReady = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _patienceForPowerOff = TimeSpan.FromSeconds(45);

    private readonly Lock _lock = new();
    private readonly ClusterPlace _place;
    private readonly LivePlan _livePlan;
    private readonly ArchiveLoader _archives;
    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _notices = [];
    private readonly Dictionary<string, NodeReport> _reports = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, (string Service, PortRelay? Relay)> _nodePorts = [];
    private RootLease? _root;
    private ContainerCluster? _cluster;
    private Uplink? _uplink;
    private ClusterActions? _actions;
    private PortRelay? _apiRelay;
    private ClusterApi? _api;
    private int _readyNodes = -1;

    private ClusterSupervisor(ClusterPlace place, TimeProvider clock)
    {
        _place = place;
        _livePlan = new LivePlan(place);
        _archives = new ArchiveLoader(place, Notice);
        _clock = clock;
        _began = clock.GetTimestamp();
    }

    /// <summary>Holds the cluster until it is told to let it go.</summary>
    /// <param name="place">A cluster with a plan.</param>
    /// <param name="foreground">The end of this program's input is the end of the cluster.</param>
    /// <param name="clock">For certificates and measures.</param>
    public static async Task RunAsync(ClusterPlace place, bool foreground, TimeProvider clock)
    {
        using FileStream alone = StoreLock.TryTake(place.SupervisorLock)
            ?? throw new BakeException(
                "BAKE0946",
                place.Name,
                "has a supervisor already.",
                $"Stop it with 'baker cluster down --name {place.Name}'.");
        using ClusterSupervisor supervisor = new(place, clock);
        File.WriteAllText(place.SupervisorFile, $"{LinuxCalls.ProcessId}\n");
        using ControlServer control = new(place.ControlSocket, supervisor.AnswerAsync);
        using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, supervisor.End);
        using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, supervisor.End);
        if (foreground)
        {
            _ = Task.Run(() =>
            {
                Console.In.ReadToEnd();
                supervisor._end.Cancel();
            });
        }

        try
        {
            await Task.Run(supervisor.StartAll).ConfigureAwait(false);
            await supervisor.WatchAsync().ConfigureAwait(false);
            supervisor.StopNodes();
        }
        finally
        {
            supervisor.Release();
            File.Delete(place.SupervisorFile);
            supervisor._ended.TrySetResult();
            await Task.Delay(100).ConfigureAwait(false); // who asked for the end hears of it
        }
    }

    public void Dispose()
    {
        Release();
        _end.Dispose();
    }

    private ClusterPlan Plan => _livePlan.Current;

    private void StartAll()
    {
        IdRange ids = HostCheck.RequireIds();
        if (HostCheck.FindAdvice() is { } advice)
        {
            Notice(advice);
        }

        RootStore store = new(
            CacheFolder.Choose(null, Environment.GetEnvironmentVariable), ids, SupervisorCommand.Unpack);
        _root = store.Obtain(Plan.Image, Notice);
        _cluster = ContainerCluster.Start(new ContainerClusterOptions
        {
            Name = Plan.Name,
            Folder = _place.Folder,
            Ids = ids,
            Roots = store,
            Root = _root,
            Domain = Plan.Domain,
        });
        ConnectUplink(ids);
        _actions = new ClusterActions(_place, _livePlan, _cluster, _archives, _clock);
        _actions.SetNames();
        foreach (PlannedNode planned in Plan.Nodes)
        {
            _actions.AddNode(planned);
        }

        OpenApi();
        try
        {
            Parallel.ForEach(_cluster.Nodes, node => node.Start());
        }
        catch (AggregateException faults) when (faults.InnerException is LauncherException refusal)
        {
            // several at once fail for one reason
            ExceptionDispatchInfo.Throw(refusal);
        }
    }

    private void ConnectUplink(IdRange ids)
    {
        if (Plan.NoUplink)
        {
            return;
        }

        try
        {
            _uplink = Uplink.TryStart(_cluster!.Namespaces, ids);
            Notice(_uplink is null
                ? $"no uplink: images cannot be pulled. {Uplink.Remedy}"
                : $"uplink by {_uplink.Program}: images can be pulled");
        }
        catch (LauncherException fault)
        {
            Notice($"no uplink: {fault.Message}");
        }

        if (_uplink is not null)
        {
            _cluster!.Network.SetUpstream(Uplink.Resolver);
        }
    }

    private void OpenApi()
    {
        if (!Plan.Nodes.Any(node => node.Roles.Contains(NodeCounts.Master)))
        {
            return;
        }

        ClusterNamespaces namespaces = _cluster!.Namespaces;
        _apiRelay = PortRelay.TryOpen(namespaces, Plan.ApiPort, LivingMaster)
            ?? PortRelay.TryOpen(namespaces, 0, LivingMaster);
        if (_apiRelay!.Port != Plan.ApiPort)
        {
            Notice($"port {Plan.ApiPort} of 127.0.0.1 is taken: the API is at {_apiRelay.Port}");
        }

        if (Directory.Exists(Path.Combine(Plan.Seeds, "secrets")))
        {
            _api = new ClusterApi(Plan, _apiRelay.Port, _clock);
        }
    }

    private IPEndPoint? LivingMaster() => Living(NodeCounts.Master, ApiServerPort);

    private IPEndPoint? Living(string role, int port)
    {
        PlannedNode[] living =
        [
            .. Plan.Nodes.Where(node => node.Roles.Contains(role) && FindNode(node.Name) is { IsRunning: true }),
        ];
        PlannedNode? chosen = living.FirstOrDefault(node => ReportOf(node.Name) is { IsReady: true })
            ?? living.FirstOrDefault();
        return chosen is null ? null : new IPEndPoint(IPAddress.Parse(chosen.Address), port);
    }

    private async Task WatchAsync()
    {
        try
        {
            while (true)
            {
                if (_cluster is { Namespaces.IsAlive: false })
                {
                    throw new LauncherException(
                        "BAKE0906",
                        _place.Name,
                        "lost its namespaces: somebody killed their first process.",
                        "Start it again with 'baker cluster up'.");
                }

                long began = _clock.GetTimestamp();
                await Task.WhenAll(_cluster!.Nodes.Select(node => Task.Run(() => LookAt(node)))).ConfigureAwait(false);
                await LookAtApiAsync().ConfigureAwait(false);
                TimeSpan pause = PauseOfLooks.After(
                    IsReady ? _lookWhenReady : _look, _clock.GetElapsedTime(began));
                await Task.Delay(pause, _end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // that is how it ends
        }
    }

    private void LookAt(ClusterNode node)
    {
        NodeReport report = node.IsRunning ? NodeReport.Of(node) : new NodeReport(false, "");
        lock (_lock)
        {
            _reports[node.Name] = report;
        }

        if (node.IsRunning && IsWorker(node))
        {
            _archives.LookAfter(node);
        }
    }

    private async Task LookAtApiAsync()
    {
        if (_api is null)
        {
            return;
        }

        IReadOnlyList<string>? ready = await _api.ReadyNodesAsync(_end.Token).ConfigureAwait(false);
        _readyNodes = ready?.Count ?? -1;
        if (ready is not null && await _api.NodePortsAsync(_end.Token).ConfigureAwait(false) is { } ports)
        {
            RelayNodePorts(ports);
        }
    }

    private void RelayNodePorts(IReadOnlyList<(string Service, int Port)> ports)
    {
        lock (_lock)
        {
            foreach (int gone in _nodePorts.Keys.Except(ports.Select(port => port.Port)).ToArray())
            {
                _nodePorts[gone].Relay?.Dispose();
                _nodePorts.Remove(gone);
            }

            foreach ((string service, int port) in ports)
            {
                if (!_nodePorts.TryGetValue(port, out (string Service, PortRelay? Relay) known) || known.Relay is null)
                {
                    _nodePorts[port] = (
                        service, PortRelay.TryOpen(_cluster!.Namespaces, port, () => Living(NodeCounts.Worker, port)));
                }
            }
        }
    }

    private bool IsReady
    {
        get
        {
            lock (_lock)
            {
                int workers = Plan.Nodes.Count(node => node.Roles.Contains(NodeCounts.Worker));
                return _cluster is not null
                    && _cluster.Nodes.Where(IsWorker).All(_archives.IsDone)
                    && (_api is null || _readyNodes >= workers)
                    && Plan.Nodes.All(
                        node =>
                            node.Roles.Count == 0
                                ? FindNode(node.Name) is { IsRunning: true }
                                : _reports.GetValueOrDefault(node.Name)?.IsReady == true);
            }
        }
    }

    private async Task<ControlAnswer> AnswerAsync(ControlRequest request)
    {
        switch (request.Command)
        {
            case ControlCommands.Status:
                return new ControlAnswer { Cluster = View() };
            case ControlCommands.Down:
                _actions?.End();
                await _end.CancelAsync().ConfigureAwait(false);
                await _ended.Task.ConfigureAwait(false);
                return new ControlAnswer();
            default:
                ClusterActions actions = _actions
                    ?? throw new BakeException("BAKE0959", _place.Name, "is about to start.", "Try again in a moment.");
                return await Task.Run(() => actions.Do(request)).ConfigureAwait(false);
        }
    }

    private ClusterView View()
    {
        lock (_lock)
        {
            return new ClusterView
            {
                Name = Plan.Name,
                Domain = Plan.Domain,
                Image = Plan.Image,
                Supervisor = LinuxCalls.ProcessId,
                ApiPort = _apiRelay?.Port ?? 0,
                IsReady = IsReady,
                ReadyNodes = _readyNodes,
                Seconds = _clock.GetElapsedTime(_began).TotalSeconds,
                Nodes = [.. Plan.Nodes.Select(ViewOf)],
                Ports =
                [
                    .. _nodePorts.Select(port => new PortView
                    {
                        Port = port.Key,
                        Service = port.Value.Service,
                        IsTaken = port.Value.Relay is null,
                    }),
                ],
                Notices = [.. _notices],
            };
        }
    }

    private NodeView ViewOf(PlannedNode planned)
    {
        ClusterNode? node = FindNode(planned.Name);
        NodeReport? report = _reports.GetValueOrDefault(planned.Name);
        bool runs = node is { IsRunning: true };
        return new NodeView
        {
            Name = planned.Name,
            Roles = planned.Roles,
            Address = planned.Address,
            State = runs ? "running" : node?.LastEnd?.Kind switch
            {
                null => "starting",
                NodeEndKind.PowerOff => "powered off",
                NodeEndKind.Killed => "cut",
                NodeEndKind.Reboot => "reboots",
                _ => Failed,
            },
            IsReady = runs && (planned.Roles.Count == 0 || report is { IsReady: true }),
            Detail = runs ? report?.Detail ?? ""
                : node?.LastEnd is { Kind: NodeEndKind.Failed } end ? $"{end.ExitCode}: {end.Said}"
                : "",
            Process = node?.ProcessId ?? 0,
            Entrance = runs ? EntranceOf(node!) : [],
            ProcessorSeconds = node?.ProcessorTime.TotalSeconds ?? 0,
            MemoryBytes = node?.MemoryBytes,
        };
    }

    private static IReadOnlyList<string> EntranceOf(ClusterNode node)
    {
        try
        {
            return node.EnterCommand([]);
        }
        catch (LauncherException)
        {
            return []; // it ended this moment
        }
    }

    private bool IsWorker(ClusterNode node) => Plan.Require(node.Name).Roles.Contains(NodeCounts.Worker);

    private ClusterNode? FindNode(string name) => _cluster?.Nodes.FirstOrDefault(node => node.Name == name);

    private NodeReport? ReportOf(string name)
    {
        lock (_lock)
        {
            return _reports.GetValueOrDefault(name);
        }
    }

    private void Notice(string text)
    {
        lock (_lock)
        {
            _notices.Add(text);
        }

        Console.WriteLine(text);
    }

    private void End(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _actions?.End();
        _end.Cancel();
    }

    private void StopNodes() => Parallel.ForEach(
        _cluster!.Nodes.Where(node => node.IsRunning),
        new ParallelOptions { MaxDegreeOfParallelism = 64 },
        node => node.Stop(_patienceForPowerOff));

    private void Release()
    {
        lock (_lock)
        {
            foreach ((_, PortRelay? relay) in _nodePorts.Values)
            {
                relay?.Dispose();
            }

            _nodePorts.Clear();
        }

        _api?.Dispose();
        _actions?.Dispose();
        _apiRelay?.Dispose();
        _uplink?.Dispose();
        Interlocked.Exchange(ref _cluster, null)?.Dispose();
        _root?.Dispose();
    }
}
