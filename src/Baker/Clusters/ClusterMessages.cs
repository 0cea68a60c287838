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
    /// <summary>What went wrong, with its code; null where nothing did.</summary>
    public string? Error { get; init; }

    public ClusterView? Cluster { get; init; }
}

internal static class ControlCommands
{
    public const string Status = "status";
    public const string Down = "down";
}

/// <summary>How a cluster is, as its supervisor sees it.</summary>
internal sealed record ClusterView
{
    public required string Name { get; init; }

    public required string Domain { get; init; }

    public required string Image { get; init; }

    /// <summary>The supervisor's process.</summary>
    public required int Supervisor { get; init; }

    /// <summary>Of 127.0.0.1; 0 where no node is a master.</summary>
    public required int ApiPort { get; init; }

    public required bool IsReady { get; init; }

    /// <summary>Since the supervisor began.</summary>
    public required double Seconds { get; init; }

    public required IReadOnlyList<NodeView> Nodes { get; init; }

    public required IReadOnlyList<PortView> Ports { get; init; }

    /// <summary>What has to be told: a root that was unpacked, a port that was taken.</summary>
    public required IReadOnlyList<string> Notices { get; init; }
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
}

/// <summary>A port of 127.0.0.1 that leads to a Service's port on the nodes.</summary>
internal sealed record PortView
{
    public required string Service { get; init; }

    public required int Port { get; init; }

    /// <summary>Somebody else listens there.</summary>
    public required bool IsTaken { get; init; }
}
