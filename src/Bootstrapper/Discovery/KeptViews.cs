// A view and how it is kept.
#pragma warning disable MA0048
using System.Text.Json;
using System.Text.Json.Serialization;
using Images.NodeConfig;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// What the machine's processes have heard of each name since it booted, a file a name in the runtime folder: agent,
/// <c>prepare</c> and <c>status</c> ask one another instead of DNS, and an agent or a service that starts while DNS is
/// silent knows what the ones before it knew. Moments are of the clock that nobody sets, which all processes share.
/// </summary>
internal sealed class KeptViews(NodeRoot root, TimeProvider time)
{
    /// <summary>Null where nobody has asked for the name, or what stands there cannot be read.</summary>
    public KnownView? Read(string name)
    {
        try
        {
            string path = PathOf(name);
            KeptView? kept = File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), KeptViewJson.Default.KeptView)
                : null;
            return kept is null || kept.HeardAt > time.GetTimestamp() ? null : Of(name, kept);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or JsonException or FormatException
                or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Who may not write there, or cannot, knows it for himself.</summary>
    public void Write(KnownView known)
    {
        try
        {
            string path = PathOf(known.View.Name), own = $"{path}.{Environment.ProcessId}";
            Directory.CreateDirectory(root[NodePaths.PeerNames]);
            File.WriteAllBytes(own, JsonSerializer.SerializeToUtf8Bytes(Of(known), KeptViewJson.Default.KeptView));
            File.Move(own, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the disk of the runtime folder is memory; where it is full, more is wrong than this
        }
    }

    private string PathOf(string name) => root[$"{NodePaths.PeerNames}/{name.TrimEnd('.')}.json"];

    private KnownView Of(string name, KeptView kept) => new(
        new PeerView
        {
            Name = name,
            Good = PeerSet.Parse(kept.Good),
            GoodSince = MomentOf(kept.GoodSince),
            LastSuccess = kept.LastSuccess is long success ? MomentOf(success) : null,
            Failure = kept.Failure,
            FailingSince = kept.FailingSince is long failing ? MomentOf(failing) : null,
        },
        kept.HeardAt);

    private KeptView Of(KnownView known) => new()
    {
        Good = known.View.Good.Addresses,
        GoodSince = StampOf(known.View.GoodSince),
        LastSuccess = known.View.LastSuccess is DateTimeOffset success ? StampOf(success) : null,
        Failure = known.View.Failure,
        FailingSince = known.View.FailingSince is DateTimeOffset failing ? StampOf(failing) : null,
        HeardAt = known.HeardAt ?? time.GetTimestamp(),
    };

    private DateTimeOffset MomentOf(long stamp) => time.GetUtcNow() - time.GetElapsedTime(stamp);

    private long StampOf(DateTimeOffset moment) => time.GetTimestamp()
        - (long)((time.GetUtcNow() - moment).TotalSeconds * time.TimestampFrequency);
}

/// <param name="View">What is known.</param>
/// <param name="HeardAt">A timestamp of the machine's clock; null for a name that nobody has asked for.</param>
internal sealed record KnownView(PeerView View, long? HeardAt);

/// <summary>The file: a <see cref="PeerView"/> whose moments are timestamps of the machine's clock.</summary>
internal sealed record KeptView
{
    public required IReadOnlyList<string> Good { get; init; }

    public required long GoodSince { get; init; }

    public long? LastSuccess { get; init; }

    public string? Failure { get; init; }

    public long? FailingSince { get; init; }

    public required long HeardAt { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(KeptView))]
internal sealed partial class KeptViewJson : JsonSerializerContext;
