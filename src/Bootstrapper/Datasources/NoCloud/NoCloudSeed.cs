using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>A NoCloud seed at a URL or in a folder: <c>user-data</c> and <c>meta-data</c> below it.</summary>
internal sealed class NoCloudSeed(NodeRoot root, MetadataDownload download)
{
    /// <param name="kind">Of the source that named the seed.</param>
    /// <param name="seed">Ends in a slash.</param>
    /// <param name="line">What the line that named the seed says of host name and instance-id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<DatasourceAnswer> AskAsync(
        string kind, string seed, NoCloudLine line, CancellationToken cancellationToken)
    {
        string shown = ShownUrl.Of(seed);
        try
        {
            byte[]? userData = await ReadAsync(seed + "user-data", cancellationToken);
            byte[]? metaData = line.Override(await ReadAsync(seed + "meta-data", cancellationToken));
            return (userData, metaData) switch
            {
                (null, _) => DatasourceAnswer.NotYet($"{shown} has no user-data"),
                ({ Length: 0 }, _) => DatasourceAnswer.NotYet($"{shown}: no user-data was given, it is empty"),
                (_, null) => DatasourceAnswer.NotYet($"{shown} has no meta-data"),
                _ => DatasourceAnswer.Found(
                    new FoundMetadata($"NoCloud ({shown})", userData, metaData, new MetadataOrigin(kind, shown))),
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return DatasourceAnswer.NotYet(FaultText.Of(e));
        }
    }

    private async Task<byte[]?> ReadAsync(string place, CancellationToken cancellationToken)
    {
        if (place.StartsWith('/'))
        {
            return BoundedFile.Read(root[place], place);
        }

        return place.StartsWith("file://", StringComparison.Ordinal)
            ? BoundedFile.Read(root[place["file://".Length..]], place)
            : await download.ReadAsync(place, cancellationToken);
    }
}
