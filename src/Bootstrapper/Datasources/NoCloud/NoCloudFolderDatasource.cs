using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>A seed that somebody put on the state partition, in the folders where cloud-init looks.</summary>
internal sealed class NoCloudFolderDatasource(NodeRoot root) : IDatasource
{
    private static readonly string[] _folders = ["/var/lib/cloud/seed/nocloud", "/var/lib/cloud/seed/nocloud-net"];

    public string Name => "NoCloud folder";

    public Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken)
    {
        foreach (string folder in _folders)
        {
            byte[]? userData = BoundedFile.Read(root[folder + "/user-data"], folder + "/user-data");
            byte[]? metaData = BoundedFile.Read(root[folder + "/meta-data"], folder + "/meta-data");
            if (userData is not null && metaData is not null)
            {
                MetadataOrigin origin = new(Name, _folders[0]);
                return Task.FromResult(
                    DatasourceAnswer.Found(new FoundMetadata($"NoCloud ({folder})", userData, metaData, origin)));
            }
        }

        return Task.FromResult(DatasourceAnswer.Absent("no /var/lib/cloud/seed/nocloud"));
    }
}
