using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Datasources;

/// <summary>Metadata as a datasource gave it.</summary>
/// <param name="Source">With its place, for example <c>NoCloud (/dev/sr0, cidata)</c>.</param>
/// <param name="UserData">May be gzip.</param>
/// <param name="MetaData">YAML or JSON with instance-id.</param>
/// <param name="Origin">By which the source is known again; null of the machine's own copy.</param>
internal sealed record FoundMetadata(string Source, byte[] UserData, byte[] MetaData, MetadataOrigin? Origin)
{
    /// <summary>Largest user-data or meta-data, in bytes, that is read from anywhere.</summary>
    public const int MaximumBytes = 1 << 20;

    /// <summary>User-data holds keys.</summary>
    public override string ToString() => Source;
}
