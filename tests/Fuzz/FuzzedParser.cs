namespace Images.Fuzz;

/// <summary>A parser of the product, and what it may do with bytes that somebody else chose.</summary>
internal sealed record FuzzedParser
{
    /// <summary>Of the folder with its corpus, and for --parser.</summary>
    public required string Name { get; init; }

    /// <summary>Reads the bytes to their end, everything that a caller would look at.</summary>
    public required Action<byte[]> Read { get; init; }

    /// <summary>The only exceptions that may leave it.</summary>
    public required IReadOnlyList<Type> Declared { get; init; }

    /// <summary>Makes checksums fit again, so that a change is not stopped at the first of them; in place.</summary>
    public Action<byte[]> Repair { get; init; } = _ => { };

    /// <summary>Inputs that our own writers make, beside those in the corpus.</summary>
    public Func<IEnumerable<byte[]>> Samples { get; init; } = () => [];

    /// <summary>What one input may make it allocate, all added up.</summary>
    public long MostBytes { get; init; } = 64 << 20;

    /// <summary>What an input may cost per byte beyond that.</summary>
    public int MostBytesPerByte { get; init; } = 256;

    public long AllowedFor(int length) => MostBytes + ((long)MostBytesPerByte * length);

    public bool IsDeclared(Exception fault) => Declared.Any(type => type.IsInstanceOfType(fault));
}
