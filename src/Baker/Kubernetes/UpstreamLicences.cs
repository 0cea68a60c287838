using System.Text;
using Images.Formats;
using Images.Formats.Tar;

namespace Images.Baker.Kubernetes;

/// <summary>
/// The licences in upstream's archive: a file <c>kubernetes/LICENSES</c>, or, in newer releases, a folder of that name
/// with Kubernetes' own and those of the libraries that are linked in (build/lib/release.sh of upstream).
/// </summary>
/// <param name="archive">What the errors call the archive.</param>
internal sealed class UpstreamLicences(string archive)
{
    private const string Name = "kubernetes/LICENSES";

    /// <summary>Far beyond all of a release's together.</summary>
    private const long MaximumBytes = 64L << 20;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Keeps the entry's content if it is a licence.</summary>
    /// <exception cref="MalformedDataException">There are too many, or one stands there twice.</exception>
    public void Take(TarEntry entry, string path)
    {
        if (entry.Kind != TarEntryKind.File || (path != Name && !path.StartsWith(Name + "/", StringComparison.Ordinal)))
        {
            return;
        }

        _bytes += entry.Size;
        if (_files.ContainsKey(path) || _bytes > MaximumBytes)
        {
            throw new MalformedDataException(
                archive, entry.Offset,
                $"the licence '{path}' stands there twice, or all of them are larger than {MaximumBytes >> 20} MiB");
        }

        byte[] content = new byte[entry.Size];
        entry.Content.ReadExactly(content);
        _files.Add(path, content);
    }

    /// <summary>One text, each file below its name; null where there are none.</summary>
    public byte[]? Join()
    {
        using MemoryStream text = new();
        foreach ((string path, byte[] content) in _files)
        {
            text.Write(Encoding.UTF8.GetBytes($"= {path} =\n\n"));
            text.Write(content);
            text.Write("\n"u8);
        }

        return _files.Count == 0 ? null : text.ToArray();
    }
}
