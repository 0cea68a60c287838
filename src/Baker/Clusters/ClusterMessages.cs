// The messages of the control socket, read together.
#pragma warning disable MA0048
namespace Images.Baker.Clusters;

/// <summary>One line to the supervisor.</summary>
internal sealed record ControlRequest
{
    /// <summary>One of <see cref="ControlCommands"/>.</summary>
    public required string Command { get; init; }

    /// <summary>The node it is about.</summary>
    public string? Node { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];
}

/// <summary>One line back, when it is done.</summary>
internal sealed record ControlAnswer
{
    /// <summary>What is wrong with the request itself; null where nothing is.</summary>
    public string? Error { get; init; }

    /// <summary>What the person who asked can mend; null where there is nothing.</summary>
    public ControlRefusal? Refusal { get; init; }

    public ClusterView? Cluster { get; init; }

    /// <summary>What was done, for the person who asked.</summary>
    public string? Text { get; init; }
}

/// <summary>The parts of a message, as <see cref="BakeException"/> has them.</summary>
internal sealed record ControlRefusal(string Code, string Place, string Problem, string Remedy);

internal static class ControlCommands
{
    public const string Status = "status";
    public const string Down = "down";

    /// <summary>Starts every node that is off.</summary>
    public const string Resume = "resume";
    public const string Start = "start";
    public const string Stop = "stop";
    public const string Cut = "cut";
    public const string Wipe = "wipe";

    /// <summary>The first argument is the role; the answer's text is the node's name.</summary>
    public const string Add = "add";

    /// <summary>The first argument is the name of a file in <see cref="ClusterPlace.Archives"/>.</summary>
    public const string Load = "load";

    /// <summary>A name and its addresses.</summary>
    public const string SetName = "set-name";
    public const string UnsetName = "unset-name";

    /// <summary>The first argument is a port of the node; the answer is one of 127.0.0.1 that leads there.</summary>
    public const string Relay = "relay";
}

/// <summary>How a cluster is, as its supervisor sees it.</summary>
internal sealed record ClusterView
{
    public required string Name { get; init; }

    public required string Domain { get; init; }

    public required string Image { get; init; }

    /// <summary>The supervisor's process; 0 where none runs.</summary>
    public required int Supervisor { get; init; }

    /// <summary>Of 127.0.0.1; 0 where no node is a master.</summary>
    public required int ApiPort { get; init; }

    public required bool IsReady { get; init; }

    /// <summary>How many Nodes the API calls Ready; -1 while it does not answer.</summary>
    public required int ReadyNodes { get; init; }

    /// <summary>Since the supervisor began.</summary>
    public required double Seconds { get; init; }

    public required IReadOnlyList<NodeView> Nodes { get; init; }

    public required IReadOnlyList<PortView> Ports { get; init; }

    /// <summary>What has to be told: a root that was unpacked, a port that was taken.</summary>
    public required IReadOnlyList<string> Notices { get; init; }

    /// <summary>As its supervisor sees it; where none runs, as the plan has it.</summary>
    /// <exception cref="BakeException">There is no cluster here.</exception>
    public static async Task<ClusterView> OfAsync(ClusterPlace place, CancellationToken cancellationToken)
    {
        ControlRequest status = new() { Command = ControlCommands.Status };
        ControlAnswer? answer = await ControlClient.TryAskAsync(place, status, cancellationToken).ConfigureAwait(false);
        return answer?.Cluster ?? OfPlan(place.ReadPlan());
    }

    private static ClusterView OfPlan(ClusterPlan plan) => new()
    {
        Name = plan.Name,
        Domain = plan.Domain,
        Image = plan.Image,
        Supervisor = 0,
        ApiPort = 0,
        IsReady = false,
        ReadyNodes = -1,
        Seconds = 0,
        Nodes = [.. plan.Nodes.Select(NodeView.OfPlan)],
        Ports = [],
        Notices = [],
    };
}

internal sealed record NodeView
{
    public required string Name { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    public required string Address { get; init; }

    /// <summary>running, starting, powered off, cut or failed.</summary>
    public required string State { get; init; }

    public required bool IsReady { get; init; }

    /// <summary>What it waits for, in its own words; or how it ended.</summary>
    public required string Detail { get; init; }

    /// <summary>The node's first process; 0 while it does not run.</summary>
    public required int Process { get; init; }

    /// <summary>What comes before a command to run it in the node; empty while it does not run.</summary>
    public required IReadOnlyList<string> Entrance { get; init; }

    public double ProcessorSeconds { get; init; }

    public long? MemoryBytes { get; init; }

    /// <summary>A node that commands can be run in.</summary>
    /// <exception cref="BakeException">There is none of that name, or it does not run.</exception>
    public static async Task<NodeView> FindRunningAsync(
        ClusterPlace place, string name, CancellationToken cancellationToken)
    {
        PlannedNode planned = place.ReadPlan().Require(name);
        ControlRequest status = new() { Command = ControlCommands.Status };
        ControlAnswer answer = await ControlClient.AskAsync(place, status, cancellationToken).ConfigureAwait(false);
        NodeView view = answer.Cluster!.Nodes.Single(node => node.Name == planned.Name);
        return view.Entrance.Count > 0
            ? view
            : throw new BakeException(
                "BAKE0963", name, $"does not run: {view.State}.", $"Start it with 'baker cluster start {name}'.");
    }

    /// <summary>A node of a cluster that is down.</summary>
    public static NodeView OfPlan(PlannedNode planned) => new()
    {
        Name = planned.Name,
        Roles = planned.Roles,
        Address = planned.Address,
        State = "down",
        IsReady = false,
        Detail = "",
        Process = 0,
        Entrance = [],
    };
}

/// <summary>A port of 127.0.0.1 that leads to a Service's port on the nodes.</summary>
internal sealed record PortView
{
    public required string Service { get; init; }

    public required int Port { get; init; }

    /// <summary>Somebody else listens there.</summary>
    public required bool IsTaken { get; init; }
}
