namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>What a random run does to its machines; drawn from one seed.</summary>
internal sealed record Schedule
{
    /// <summary>Seconds after which DNS agrees, nothing is lost and everything stays up.</summary>
    public const double CalmAfter = 90;

    public required int Size { get; init; }

    public required int Machines { get; init; }

    public required double Loss { get; init; }

    public required int Crashes { get; init; }

    /// <summary>How many machines lose their disk once; never a majority of the size.</summary>
    public required int Wipes { get; init; }

    /// <summary>How often a machine's DNS view changes before the calm.</summary>
    public required int Changes { get; init; }

    /// <summary>How many links between two machines are cut for a while.</summary>
    public required int Cuts { get; init; }

    /// <summary>Seconds that a DNS answer must have stood; safety must not need them.</summary>
    public required double StableAfter { get; init; }

    public required DnsShape Shape { get; init; }

    public static Schedule Draw(Random random)
    {
        int size = random.Next(10) switch { 0 => 1, < 8 => 3, _ => 5 };
        int wipes = random.Next(3) == 0 ? random.Next(0, ((size - 1) / 2) + 1) : 0;

        // two sets of `size` out of `machines` must share one that kept its disk: nothing can keep strangers from each other
        int spare = size == 1 ? 0 : random.Next(0, (wipes > 0 ? 1 : (size - 1)) + 1);
        return new Schedule
        {
            Size = size,
            Machines = size + Math.Min(spare, 2),
            Loss = random.Next(2) == 0 ? 0 : random.NextDouble() * 0.5,
            Crashes = random.Next(2) == 0 ? 0 : random.Next(1, 8),
            Wipes = wipes,
            Changes = random.Next(0, 8),
            Cuts = random.Next(2) == 0 ? 0 : random.Next(1, 10),
            StableAfter = random.Next(3) switch { 0 => 0, 1 => 0.5, _ => 5 },
            Shape = (DnsShape)random.Next(5),
        };
    }
}
