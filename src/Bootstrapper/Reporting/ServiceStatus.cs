namespace Images.Bootstrapper.Reporting;

/// <summary>One unit of the machine's roles.</summary>
internal sealed record ServiceStatus
{
    public const string Starting = "starting";
    public const string Waiting = "waiting";
    public const string Ready = "ready";
    public const string Stopping = "stopping";
    public const string Stopped = "stopped";
    public const string Failed = "failed";

    public required string Unit { get; init; }

    /// <summary>One of the constants.</summary>
    public required string State { get; init; }

    /// <summary>What it waits for, or what its state says.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Seconds from the start of <c>boot</c> to the first time it was ready.</summary>
    public int? ReadyAfterSeconds { get; init; }

    /// <summary>How often systemd has started it again by itself.</summary>
    public int Restarts { get; init; }

    /// <summary>When and why its program ended by itself in the last ten minutes, the latest last.</summary>
    public IReadOnlyList<ServiceEnd> Ends { get; init; } = [];
}
