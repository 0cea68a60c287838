using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Datasources;

/// <summary>
/// QEMU's fw_cfg: <c>-fw_cfg name=opt/org.images/config,file=user-data</c>. It carries user-data alone, so the
/// instance-id is a constant.
/// </summary>
internal sealed class FirmwareConfigDatasource(NodeRoot root) : IDatasource
{
    private const string Entry = "opt/org.images/config";
    private const string Folder = "/sys/firmware/qemu_fw_cfg/by_name/";

    public string Name => "fw_cfg";

    public Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken) =>
        Task.FromResult(Ask());

    private DatasourceAnswer Ask()
    {
        if (!Directory.Exists(root[Folder]))
        {
            return DatasourceAnswer.Absent("this machine has none");
        }

        byte[]? userData = BoundedFile.Read(root[$"{Folder}{Entry}/raw"], Entry);
        return userData is null
            ? DatasourceAnswer.Absent($"no {Entry}")
            : DatasourceAnswer.Found(
                new FoundMetadata(
                    $"fw_cfg ({Entry})",
                    userData,
                    "instance-id: fw_cfg\n"u8.ToArray(),
                    new MetadataOrigin(Name, Entry)));
    }
}
