namespace Images.Bootstrapper.Reporting;

/// <summary>Which image runs, from where, and what became of the last upgrade.</summary>
internal sealed record ImageStatus
{
    public required string Version { get; init; }

    /// <summary>a or b; null where there are none.</summary>
    public char? Slot { get; init; }

    /// <summary>What the boot loader started; null where it did not say.</summary>
    public string? Entry { get; init; }

    /// <summary>Whether the machine goes back by itself if it restarts before the image is kept.</summary>
    public bool OnTrial { get; init; }

    /// <summary>The image that was given up last, with its reason; null for none.</summary>
    public string? GivenUp { get; init; }

    /// <summary>The end of what the kernel of that image left of its last crash.</summary>
    public IReadOnlyList<string> LastLines { get; init; } = [];

    /// <summary>One line: <c>0.2.0, slot b, node-2+2-1.conf, on trial</c>; empty where nothing is known.</summary>
    public string Describe() => string.Join(", ", ((string?[])
        [Version, Slot is { } slot ? $"slot {slot}" : null, Entry, OnTrial ? "on trial" : null])
        .OfType<string>()
        .Where(part => part.Length > 0));
}
