using Images.Formats;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Upgrading;

/// <summary>The upgrade that machines are to run, and the file that it is in.</summary>
internal sealed record UpgradeTarget(string File, UpgradeManifest Manifest)
{
    /// <summary>Reads its manifest; what follows is checked by each machine that takes it.</summary>
    /// <exception cref="BakeException">The file cannot be read, or holds differences alone.</exception>
    /// <exception cref="MalformedDataException">It is no upgrade.</exception>
    public static UpgradeTarget Read(string path)
    {
        try
        {
            using FileStream stream = System.IO.File.OpenRead(path);
            using UpgradeArtefact artefact = UpgradeArtefact.Open(stream, path);
            return artefact.Manifest.Delta is null
                ? new UpgradeTarget(path, artefact.Manifest)
                : throw new BakeException(
                    "BAKE0970", path, "holds what changed alone, and a cluster's machines take whole images.",
                    "Name the upgrade that was baked beside it, without 'from-' in its name.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <exception cref="BakeException">It cannot be read any more.</exception>
    public async Task CopyToAsync(Stream target, CancellationToken cancellationToken)
    {
        FileStream source;
        try
        {
            source = System.IO.File.OpenRead(File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(File, e);
        }

        await using (source.ConfigureAwait(false))
        {
            await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
        }
    }

    private static BakeException Unreadable(string path, Exception fault) => new(
        "BAKE0970", path, $"cannot be read: {fault.Message.TrimEnd('.')}.",
        "Name the .upgrade file that 'baker bake' has written.", inner: fault);
}
