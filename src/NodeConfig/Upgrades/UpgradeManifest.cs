// The records of one document and its JSON.
#pragma warning disable MA0048
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Images.Formats;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// manifest.json, the first part of an upgrade: what the other parts are, and what must be known before one of them is
/// read. Digests and hashes are lower-case hexadecimal of 64 characters.
/// </summary>
public sealed record UpgradeManifest
{
    public const int CurrentFormat = 1;

    public const int MaximumBytes = 64 << 10;

    /// <summary>Of a kernel image; it is small enough to be held in memory by whoever reads it.</summary>
    public const long MaximumUkiBytes = 512L << 20;

    public const long MaximumRootBytes = 1L << 40;

    private const int BlockBytes = 4096;

    private static readonly JsonSerializerOptions _options = new(UpgradeJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonTypeInfo<UpgradeManifest> _json =
        (JsonTypeInfo<UpgradeManifest>)_options.GetTypeInfo(typeof(UpgradeManifest));

    public int Format { get; init; } = CurrentFormat;

    /// <summary>The image's name; a machine takes no upgrade of another one.</summary>
    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>Debian's name: amd64.</summary>
    public required string Architecture { get; init; }

    public required string RootHash { get; init; }

    /// <summary>Of SquashFS and hash tree together, as they stand in a slot.</summary>
    public required long RootBytes { get; init; }

    public required string RootSha256 { get; init; }

    public required UpgradeVerity Verity { get; init; }

    /// <summary>What a slot must have at least.</summary>
    public required long SlotBytes { get; init; }

    public required long UkiBytes { get; init; }

    public required string UkiSha256 { get; init; }

    /// <summary>As <c>uname -r</c> prints it.</summary>
    public required string Kernel { get; init; }

    /// <summary>Null where the image holds none.</summary>
    public string? Kubernetes { get; init; }

    /// <inheritdoc cref="Kubernetes"/>
    public string? Etcd { get; init; }

    /// <summary>The oldest version of the image that may be left for this one; null for any.</summary>
    public string? From { get; init; }

    /// <summary>Null where the root is whole.</summary>
    public UpgradeBase? Delta { get; init; }

    /// <param name="json">UTF-8.</param>
    /// <param name="file">For errors.</param>
    /// <exception cref="MalformedDataException">It is none, is of another format, or contradicts itself.</exception>
    public static UpgradeManifest FromJson(ReadOnlyMemory<byte> json, string file)
    {
        if (json.Length > MaximumBytes)
        {
            throw new MalformedDataException(
                file, -1, $"the manifest has {json.Length} bytes; at most {MaximumBytes} are supported.");
        }

        try
        {
            RequireFormat(json, file);
            UpgradeManifest manifest = JsonSerializer.Deserialize(json.Span, _json)
                ?? throw new JsonException("it is null");
            manifest.Check(file);
            return manifest;
        }
        catch (JsonException fault)
        {
            throw new MalformedDataException(
                file, -1, $"the manifest is not what a bake writes: {fault.Message}", fault);
        }
    }

    /// <summary>UTF-8, indented, with line feeds: the same bytes for the same manifest everywhere.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(this, _json), (byte)'\n'];

    /// <summary>First of all, so that what a later format has besides is not taken for a fault.</summary>
    private static void RequireFormat(ReadOnlyMemory<byte> json, string file)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("format", out JsonElement format)
            && format.ValueKind == JsonValueKind.Number
            && format.TryGetInt64(out long number))
        {
            if (number != CurrentFormat)
            {
                throw new MalformedDataException(
                    file, -1,
                    $"the upgrade is of format {number}, and format {CurrentFormat} alone is known here: "
                        + "go by way of an image in between.");
            }

            return;
        }

        throw new MalformedDataException(file, -1, "the manifest names no format.");
    }

    private void Check(string file)
    {
        foreach ((string what, string? text) in ((string, string?)[])
            [
                ("name", Name), ("version", Version), ("architecture", Architecture), ("kernel", Kernel),
                ("kubernetes", Kubernetes), ("etcd", Etcd), ("from", From),
            ])
        {
            Require(text is null || IsWord(text), $"'{what}' is no name or version");
        }

        foreach ((string what, string? text) in ((string, string?)[])
            [
                ("rootHash", RootHash), ("rootSha256", RootSha256), ("ukiSha256", UkiSha256),
                ("verity.salt", Verity.Salt), ("delta.fromRootHash", Delta?.FromRootHash),
                ("delta.sha256", Delta?.Sha256), ("delta.ukiSha256", Delta?.UkiSha256),
            ])
        {
            Require(text is null || IsHash(text), $"'{what}' is not 64 hexadecimal digits");
        }

        Require(UkiBytes is > 0 and <= MaximumUkiBytes, "'ukiBytes' is out of range");
        Require(RootBytes is > 0 and <= MaximumRootBytes, "'rootBytes' is out of range");
        Require(
            Verity.DataBlocks > 0
                && Verity.DataBlocks <= RootBytes / BlockBytes
                && Verity.HashStartBlock == Verity.DataBlocks
                && RootBytes == (Verity.DataBlocks + HashBlocks(Verity.DataBlocks)) * BlockBytes,
            "'verity' does not describe a root of 'rootBytes'");
        Require(SlotBytes >= RootBytes, "'slotBytes' is less than 'rootBytes'");
        Require(Delta is null || Delta.Bytes is > 0 and <= MaximumRootBytes, "'delta.bytes' is out of range");
        Require(Delta is null || Delta.UkiBytes is > 0 and <= MaximumUkiBytes, "'delta.ukiBytes' is out of range");

        void Require(bool holds, string rule)
        {
            if (!holds)
            {
                throw new MalformedDataException(file, -1, $"the manifest is not what a bake writes: {rule}.");
            }
        }
    }

    /// <summary>Blocks of the tree over so many data blocks, as <c>Formats/Verity</c> lays it out.</summary>
    private static long HashBlocks(long dataBlocks)
    {
        const int HashesPerBlock = BlockBytes / 32;
        long sum = 0;
        for (long blocks = dataBlocks; blocks > 1;)
        {
            blocks = (blocks + HashesPerBlock - 1) / HashesPerBlock;
            sum += blocks;
        }

        return sum;
    }

    private static bool IsWord(string text) => text.Length is > 0 and <= 128
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '+' or '~' or '-' or '_');

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}

/// <summary>What device-mapper needs to know of the hash tree beside the root hash; blocks of 4096 bytes.</summary>
public sealed record UpgradeVerity
{
    public required string Salt { get; init; }

    public required long DataBlocks { get; init; }

    /// <summary>From the slot's beginning: directly after the data.</summary>
    public required long HashStartBlock { get; init; }
}

/// <summary>Which image the instructions of a delta start from, and what they are.</summary>
public sealed record UpgradeBase
{
    public required string FromRootHash { get; init; }

    /// <summary>Of the instructions for the root: the part <see cref="UpgradeArtefact.RootDeltaName"/>.</summary>
    public required long Bytes { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Of those for the kernel image: the part <see cref="UpgradeArtefact.UkiDeltaName"/>.</summary>
    public required long UkiBytes { get; init; }

    public required string UkiSha256 { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UpgradeManifest))]
internal sealed partial class UpgradeJson : JsonSerializerContext;
