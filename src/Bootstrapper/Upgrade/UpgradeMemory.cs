// The records of one file and its JSON.
#pragma warning disable MA0048
using System.Text.Json;
using System.Text.Json.Serialization;
using Images.Bootstrapper.Files;
using Images.NodeConfig;

namespace Images.Bootstrapper.Upgrade;

/// <summary>What a machine remembers of its upgrades from boot to boot.</summary>
internal sealed record UpgradeMemory
{
    /// <summary>A root hash that was given up is remembered until this many others were.</summary>
    private const int MostFailed = 8;

    /// <summary>Whole in the other slot, and nothing leads to it yet.</summary>
    public StagedImage? Staged { get; init; }

    /// <summary>Written and neither kept nor given up yet.</summary>
    public StagedImage? Pending { get; init; }

    /// <summary>Images that were given up, the last one at the end.</summary>
    public IReadOnlyList<FailedImage> Failed { get; init; } = [];

    /// <summary>A file that cannot be read is worth no more than none.</summary>
    public static UpgradeMemory Read(NodeRoot root)
    {
        try
        {
            return JsonSerializer.Deserialize(
                File.ReadAllBytes(root[NodePaths.UpgradeMemory]), UpgradeMemoryJson.Default.UpgradeMemory) ?? new();
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return new();
        }
    }

    public void Write(NodeRoot root) => AtomicFile.Write(
        root[NodePaths.UpgradeMemory],
        JsonSerializer.SerializeToUtf8Bytes(this, UpgradeMemoryJson.Default.UpgradeMemory),
        AtomicFile.Public);

    public FailedImage? FailedAs(string rootHash) => Failed.LastOrDefault(failed => failed.RootHash == rootHash);

    /// <summary>The image has proved itself: earlier failures of it count no more.</summary>
    public UpgradeMemory Kept() => Pending is not { } kept ? this : new()
    {
        Failed = [.. Failed.Where(failed => failed.RootHash != kept.RootHash)],
    };

    public UpgradeMemory GivenUp(FailedImage failed) => new()
    {
        Failed = [.. Failed.Where(other => other.RootHash != failed.RootHash).Append(failed).TakeLast(MostFailed)],
    };
}

/// <summary>An image that was written into the other slot.</summary>
internal sealed record StagedImage
{
    /// <summary>Of the entry that starts it.</summary>
    public required int Number { get; init; }

    /// <summary>Of its entry.</summary>
    public string Title { get; init; } = "";

    public required string Version { get; init; }

    public required string RootHash { get; init; }

    public required char Slot { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Units that had failed under the image before: the new one is not blamed for them.</summary>
    public IReadOnlyList<string> FailedBefore { get; init; } = [];

    /// <summary>The machine's roles under the image before; the new one must find the same.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>What its health check said last; null while it has said nothing.</summary>
    public string? Fault { get; init; }
}

/// <summary>An image that the machine came back from.</summary>
internal sealed record FailedImage
{
    public required string Version { get; init; }

    public required string RootHash { get; init; }

    public required int Tries { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Reason { get; init; }

    /// <summary>The end of what the kernel left of its last crash.</summary>
    public IReadOnlyList<string> LastLines { get; init; } = [];

    public override string ToString() =>
        $"image {Version} was tried {Tries} times and given up: {Reason}";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UpgradeMemory))]
internal sealed partial class UpgradeMemoryJson : JsonSerializerContext;
