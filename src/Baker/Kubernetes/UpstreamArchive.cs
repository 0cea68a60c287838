using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Gzip;
using Images.Formats.Tar;

namespace Images.Baker.Kubernetes;

/// <summary>
/// Takes the programs out of kubernetes-server-linux-amd64.tar.gz: <c>kubernetes/server/bin/kube-apiserver</c> and
/// so on, and the licences. The archive holds much else, which is read over; a path that leads out of it is
/// refused wherever it stands.
/// </summary>
internal static class UpstreamArchive
{
    private const string BinaryFolder = "kubernetes/server/bin/";

    /// <summary>Far beyond the largest program so far (120 MB).</summary>
    private const long MaximumProgramBytes = 1L << 30;

    /// <param name="archive">Seekable, gzip.</param>
    /// <param name="folder">An empty folder for the programs.</param>
    /// <param name="cancellationToken">Stops between two entries.</param>
    /// <returns>The licences as one text; null where the archive holds none.</returns>
    /// <exception cref="MalformedDataException">No sound archive, or one that does not hold the programs.</exception>
    public static byte[]? Unpack(Stream archive, string name, string folder, CancellationToken cancellationToken)
    {
        UpstreamLicences licences = new(name);
        HashSet<string> missing = new(KubernetesProgramNames.All, StringComparer.Ordinal);
        using GzipMemberStream tar = new(archive, name);
        foreach (TarEntry entry in new TarReader(tar, name))
        {
            cancellationToken.ThrowIfCancellationRequested();
            string path = entry.ParsePath().Value;
            licences.Take(entry, path);
            if (!path.StartsWith(BinaryFolder, StringComparison.Ordinal)
                || !KubernetesProgramNames.All.Contains(path[BinaryFolder.Length..]))
            {
                continue;
            }

            if (!missing.Remove(path[BinaryFolder.Length..])
                || entry.Kind != TarEntryKind.File
                || entry.Size is 0 or > MaximumProgramBytes)
            {
                throw new MalformedDataException(
                    name, entry.Offset,
                    $"the program '{path}' stands there twice, is no file, is empty, "
                        + $"or is larger than {MaximumProgramBytes >> 30} GiB");
            }

            using FileStream program = new(Path.Combine(folder, path[BinaryFolder.Length..]), FileMode.CreateNew);
            entry.Content.CopyTo(program);
        }

        if (missing.Count > 0)
        {
            throw new MalformedDataException(
                name, -1,
                $"these programs are missing below {BinaryFolder}: "
                    + $"{string.Join(", ", missing.Order(StringComparer.Ordinal))}");
        }

        return licences.Join();
    }
}
