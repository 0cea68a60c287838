using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Datasources;

/// <summary>What a search knows of where this machine's metadata came from before.</summary>
internal sealed record SourceMemory
{
    /// <summary>Of a machine that is new: whatever is found may be its metadata.</summary>
    public static SourceMemory None { get; } = new();

    /// <summary>Null where any source may be taken.</summary>
    public MetadataOrigin? Origin { get; init; }

    /// <summary>What the machine took last.</summary>
    public StoredMetadata? Copy { get; init; }

    /// <summary>Whether the user lets another source take the remembered one's place when that is gone.</summary>
    public Predicate<MetadataOrigin> Accepts { get; init; } = _ => false;

    /// <summary>
    /// The remembered source, whatever it says now; or what says the same as it did, wherever it is: a disc that was
    /// put into another drive.
    /// </summary>
    public bool Knows(FoundMetadata found) => Origin is null || found.Origin == Origin || HasSameContent(found);

    public bool HasSameContent(FoundMetadata found) =>
        Copy is not null
        && found.MetaData.AsSpan().SequenceEqual(Copy.MetaData)
        && MetadataText.Unpacked(found).AsSpan().SequenceEqual(Copy.UserData);
}
