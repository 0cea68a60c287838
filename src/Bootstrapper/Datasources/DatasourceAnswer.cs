namespace Images.Bootstrapper.Datasources;

/// <summary>What a datasource said.</summary>
internal sealed record DatasourceAnswer
{
    public FoundMetadata? Metadata { get; init; }

    /// <summary>Why there is no metadata, in words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The user named this source, so the ones after it are not asked even while it does not answer.</summary>
    public bool Insists { get; init; }

    /// <summary>
    /// Something is there that was meant to be metadata and cannot be used: to be said at once. The sources
    /// after it are asked.
    /// </summary>
    public bool IsFault { get; init; }

    /// <summary>The code under which a fault is said.</summary>
    public string Code { get; init; } = "NODE0002";

    /// <summary>To be said once, whatever the answer is: what else was seen and is not taken.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public static DatasourceAnswer Found(FoundMetadata metadata) => new() { Metadata = metadata };

    public static DatasourceAnswer Absent(string reason) => new() { Reason = reason };

    public static DatasourceAnswer Unusable(string reason) => new() { Reason = reason, IsFault = true };

    public static DatasourceAnswer Unusable(string reason, string code) => Unusable(reason) with { Code = code };

    public static DatasourceAnswer NotYet(string reason) => new() { Reason = reason, Insists = true };
}
