using Images.Bootstrapper.Datasources.NoCloud;

namespace Images.Bootstrapper.Datasources;

/// <summary>
/// All datasources in the order in which they are asked. No metadata address is asked unless an option names it.
/// </summary>
internal static class DatasourceList
{
    public static IReadOnlyList<IDatasource> For(NodeRoot root, SeedVolumeAccess volumes, TimeProvider time)
    {
        // command line, SMBIOS, fw_cfg and disks that a container sees are its host's
        if (root.IsContainer)
        {
            return [new NoCloudFolderDatasource(root)];
        }

        MetadataDownload download = new(time);
        NoCloudSeed seed = new(root, download);
        return
        [
            new KernelCommandLineDatasource(root, seed, download),
            new SmbiosDatasource(root, seed),
            new FirmwareConfigDatasource(root),
            new NoCloudFolderDatasource(root),
            new NoCloudVolumeDatasource(root, volumes),
        ];
    }
}
