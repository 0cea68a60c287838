using System.Globalization;
using System.Net;
using System.Runtime.ExceptionServices;
using Images.Launcher;
using Images.Launcher.Clusters;

namespace Images.Baker.Clusters;

/// <summary>What a supervisor does when it is asked to: with nodes, with names, with archives.</summary>
internal sealed class ClusterActions(
    ClusterPlace place, LivePlan plan, ContainerCluster cluster, ArchiveLoader archives, TimeProvider clock)
    : IDisposable
{
    private static readonly TimeSpan _patienceForPowerOff = TimeSpan.FromSeconds(90);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Node, int Port), PortRelay> _relays = [];
    private volatile bool _isEnding;

    /// <summary>Makes a node of the plan; it is not started.</summary>
    /// <exception cref="BakeException">There is no seed for it.</exception>
    public ClusterNode AddNode(PlannedNode planned)
    {
        ClusterNode node = cluster.Add(new NodeOptions { Name = planned.Name, Number = planned.Number });
        string seeds = Path.Combine(place.Folder, "node-seeds");
        node.GiveSeed(planned.Roles.Count == 0 ? null : NodeSeed.Write(plan.Current, planned, seeds));
        node.WhenEnded = (ended, how) =>
        {
            // a machine whose new image does not even start is switched on again, too
            if ((how.Kind == NodeEndKind.Reboot || (how.Kind == NodeEndKind.Failed && ended.IsOnTrial)) && !_isEnding)
            {
                ended.Start();
            }
        };
        return node;
    }

    /// <summary>Lets DNS answer what the plan says.</summary>
    public void SetNames()
    {
        foreach ((string name, string[] addresses) in plan.Current.Names())
        {
            cluster.Network.SetRecords(name, addresses);
        }
    }

    /// <summary>Does what is asked; the text of the answer says what was done.</summary>
    /// <exception cref="BakeException">It cannot be done.</exception>
    /// <exception cref="LauncherException">Likewise.</exception>
    public ControlAnswer Do(ControlRequest request) => request.Command switch
    {
        ControlCommands.Resume => Resume(),
        ControlCommands.Start => StartNode(NodeOf(request)),
        ControlCommands.Stop => StopNode(NodeOf(request)),
        ControlCommands.Cut => CutNode(NodeOf(request)),
        ControlCommands.Wipe => WipeNode(NodeOf(request)),
        ControlCommands.Add => AddRole(request.Arguments[0]),
        ControlCommands.Load => Load(request.Arguments[0]),
        ControlCommands.SetName => SetName(request.Arguments[0], [.. request.Arguments.Skip(1)]),
        ControlCommands.UnsetName => UnsetName(request.Arguments[0]),
        ControlCommands.Relay => Relay(NodeOf(request), int.Parse(request.Arguments[0], CultureInfo.InvariantCulture)),
        _ => new ControlAnswer { Error = $"'{request.Command}' is no command of this version" },
    };

    /// <summary>From now on nothing is started again.</summary>
    public void End() => _isEnding = true;

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (PortRelay relay in _relays.Values)
            {
                relay.Dispose();
            }

            _relays.Clear();
        }
    }

    private ClusterNode NodeOf(ControlRequest request)
    {
        string name = plan.Current.Require(request.Node ?? "").Name;
        return cluster.Nodes.Single(node => node.Name == name);
    }

    private ControlAnswer Resume()
    {
        Parallel.ForEach(cluster.Nodes.Where(node => !node.IsRunning).ToArray(), node => node.Start());
        return new ControlAnswer();
    }

    private static ControlAnswer StartNode(ClusterNode node)
    {
        node.Start();
        return Said($"{node.Name} starts.");
    }

    private static ControlAnswer StopNode(ClusterNode node)
    {
        RequireRunning(node);
        NodeEnd end = node.Stop(_patienceForPowerOff);
        return Said(end.Kind == NodeEndKind.PowerOff
            ? $"{node.Name} is powered off."
            : $"{node.Name} did not power off within {_patienceForPowerOff.TotalSeconds} s: it was cut.");
    }

    private static ControlAnswer CutNode(ClusterNode node)
    {
        RequireRunning(node);
        node.CutPower();
        return Said($"{node.Name} is cut.");
    }

    private static ControlAnswer WipeNode(ClusterNode node)
    {
        node.Wipe();
        return Said($"{node.Name} has a blank disk.");
    }

    private ControlAnswer AddRole(string role)
    {
        if (plan.Current.Nodes is [{ IsSingle: true }])
        {
            throw new BakeException(
                "BAKE0966",
                place.Name,
                "is one machine that answers its names itself: nobody could join it.",
                "Make a cluster that can grow, for example 'baker cluster up --nodes etcd=1,master=1,worker=1'.");
        }

        PlannedNode added = NodeCounts.Next(plan.Current, role);
        ClusterPlan grown = plan.Current with { Nodes = [.. plan.Current.Nodes, added] };
        ClusterPlanner.WriteSeeds(place, grown, clock);
        ClusterNode node = AddNode(added);
        plan.Change(_ => grown);
        SetNames();
        node.Start();
        return Said(added.Name);
    }

    /// <summary>An archive that nobody can load is not kept.</summary>
    private ControlAnswer Load(string name)
    {
        string archive = Path.Combine(place.Archives, Path.GetFileName(name));
        ClusterNode[] workers = [.. cluster.Nodes.Where(node => node.IsRunning && IsWorker(node))];
        try
        {
            bool[] loaded = new bool[workers.Length];
            Parallel.For(0, workers.Length, i => loaded[i] = archives.TryLoad(workers[i], archive));
            string[] have = [.. workers.Where((_, i) => loaded[i]).Select(node => node.Name)];
            return Said(have.Length == 0
                ? $"{name}: workers get it when their containerd runs."
                : $"{name}: {string.Join(", ", have)}");
        }
        catch (AggregateException fault) when (fault.InnerException is LauncherException refusal)
        {
            File.Delete(archive);
            ExceptionDispatchInfo.Throw(refusal);
            throw;
        }
    }

    private ControlAnswer SetName(string name, IReadOnlyList<string> addresses)
    {
        string known = name.TrimEnd('.').ToLowerInvariant();
        if (Uri.CheckHostName(known) != UriHostNameType.Dns)
        {
            string example = $"etcd.{plan.Current.Name}.{plan.Current.Domain}";
            throw new BakeException("BAKE0961", name, "is no DNS name.", $"Write for example {example}.");
        }

        foreach (string address in addresses.Where(address => !IPAddress.TryParse(address, out _)))
        {
            throw new BakeException("BAKE0961", address, "is no address.", "Write for example 10.240.0.11.");
        }

        Dictionary<string, IReadOnlyList<string>> records = new(plan.Current.Records, StringComparer.Ordinal)
        {
            [known] = addresses,
        };
        plan.Change(current => current with { SetRecords = records });
        cluster.Network.SetRecords(known, addresses);
        return Said($"{known} {(addresses.Count == 0 ? "does not exist" : string.Join(' ', addresses))}");
    }

    private ControlAnswer UnsetName(string name)
    {
        string known = name.TrimEnd('.').ToLowerInvariant();
        Dictionary<string, IReadOnlyList<string>> records = new(plan.Current.Records, StringComparer.Ordinal);
        if (!records.Remove(known))
        {
            throw new BakeException("BAKE0961", name, "was not set.", "See 'baker cluster dns'.");
        }

        ClusterPlan changed = plan.Change(current => current with { SetRecords = records });
        string[] addresses = changed.Names().FirstOrDefault(one => one.Name == known).Addresses ?? [];
        cluster.Network.SetRecords(known, addresses);
        return Said($"{known} {(addresses.Length == 0 ? "does not exist" : string.Join(' ', addresses))}");
    }

    private ControlAnswer Relay(ClusterNode node, int port)
    {
        lock (_lock)
        {
            if (!_relays.TryGetValue((node.Name, port), out PortRelay? relay))
            {
                IPEndPoint target = new(IPAddress.Parse(node.Address), port);
                relay = PortRelay.TryOpen(cluster.Namespaces, 0, () => node.IsRunning ? target : null)
                    ?? throw new BakeException("BAKE0962", place.Name, "no port of 127.0.0.1 is free.", "");
                _relays[(node.Name, port)] = relay;
            }

            return Said(relay.Port.ToString(CultureInfo.InvariantCulture));
        }
    }

    private bool IsWorker(ClusterNode node) => plan.Current.Require(node.Name).Roles.Contains(NodeCounts.Worker);

    private static void RequireRunning(ClusterNode node)
    {
        if (!node.IsRunning)
        {
            throw new BakeException(
                "BAKE0963", node.Name, "does not run.", $"Start it with 'baker cluster start {node.Name}'.");
        }
    }

    private static ControlAnswer Said(string text) => new() { Text = text };
}
