using Images.Bootstrapper.Datasources.NoCloud;
using Images.Bootstrapper.Machine;

namespace Images.Bootstrapper.Datasources;

/// <summary>A NoCloud line in the system serial number (SMBIOS type 1), as hypervisors let users set it.</summary>
internal sealed class SmbiosDatasource(NodeRoot root, NoCloudSeed seed) : IDatasource
{
    public string Name => "SMBIOS serial number";

    public async Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken)
    {
        Dmi dmi = Dmi.Read(root);
        NoCloudLine? line = NoCloudLine.FromSerial(dmi.ProductSerial, dmi);
        return line switch
        {
            null => DatasourceAnswer.Absent("no ds=nocloud"),
            { Seed: null } => DatasourceAnswer.Absent("ds=nocloud names no seed"),
            _ => await seed.AskAsync(Name, line.Seed, line, cancellationToken),
        };
    }
}
