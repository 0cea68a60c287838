using System.Text;
using Images.Bootstrapper.Datasources.NoCloud;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Datasources;

/// <summary><c>node.config=URL</c> (user-data alone) or <c>ds=nocloud;s=URL/</c> on the kernel command line.</summary>
internal sealed class KernelCommandLineDatasource(
    NodeRoot root, NoCloudSeed seed, MetadataDownload download) : IDatasource
{
    public string Name => "kernel command line";

    public async Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken)
    {
        string commandLine = KernelCommandLine.Read(root);
        if (KernelCommandLine.Value(commandLine, "node.config") is { } url)
        {
            return await DownloadAsync(url, cancellationToken);
        }

        NoCloudLine? line = KernelCommandLine.Value(commandLine, "ds") is { } text
            ? NoCloudLine.Parse(text, Dmi.Read(root))
            : null;
        return line switch
        {
            null => DatasourceAnswer.Absent("no node.config= and no ds=nocloud"),
            { Seed: null } => DatasourceAnswer.Absent("ds=nocloud names no seed"),
            _ => await seed.AskAsync(Name, line.Seed, line, cancellationToken),
        };
    }

    private async Task<DatasourceAnswer> DownloadAsync(string url, CancellationToken cancellationToken)
    {
        string shown = ShownUrl.Of(url);
        try
        {
            byte[]? userData = await download.ReadAsync(url, cancellationToken);
            byte[] metaData = Encoding.UTF8.GetBytes(
                $"instance-id: '{shown.Replace("'", "''", StringComparison.Ordinal)}'\n");
            return userData switch
            {
                null => DatasourceAnswer.NotYet($"{shown} does not exist"),
                { Length: 0 } => DatasourceAnswer.NotYet($"{shown}: no user-data was given, it is empty"),
                _ => DatasourceAnswer.Found(
                    new FoundMetadata(
                        $"kernel command line ({shown})", userData, metaData, new MetadataOrigin(Name, shown))),
            };
        }
        catch (IOException e)
        {
            return DatasourceAnswer.NotYet(FaultText.Of(e));
        }
    }
}
