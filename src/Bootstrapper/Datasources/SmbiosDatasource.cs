using Images.Bootstrapper.Datasources.NoCloud;

namespace Images.Bootstrapper.Datasources;

/// <summary>A NoCloud line in the system serial number (SMBIOS type 1), as hypervisors let users set it.</summary>
internal sealed class SmbiosDatasource(NodeRoot root, NoCloudSeed seed) : IDatasource
{
    private const string Serial = "/sys/class/dmi/id/product_serial";

    public string Name => "SMBIOS serial number";

    public async Task<DatasourceAnswer> AskAsync(CancellationToken cancellationToken)
    {
        NoCloudLine? line = File.Exists(root[Serial])
            ? NoCloudLine.FromSerial((await File.ReadAllTextAsync(root[Serial], cancellationToken)).Trim(), root)
            : null;
        return line switch
        {
            null => DatasourceAnswer.Absent("no ds=nocloud"),
            { Seed: null } => DatasourceAnswer.Absent("ds=nocloud names no seed"),
            _ => await seed.AskAsync(line.Seed, line, cancellationToken),
        };
    }
}
