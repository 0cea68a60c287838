using System.Globalization;
using System.Text;
using Images.Formats;
using Images.Formats.Gzip;
using Images.Formats.Tar;
using Images.Formats.Xz;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// Unpacks a Debian source package in format 3.0 (quilt), as dpkg-source(1) does: the original, debian/, then
/// the patches of the series.
/// </summary>
internal static class DebianSourceTree
{
    /// <summary>Far beyond that of a large package (70 kB).</summary>
    private const long MaximumCopyrightBytes = 16L << 20;

    private const string Dates = "ddd, dd MMM yyyy HH:mm:ss zzz";

    /// <param name="original">.orig.tar.gz, seekable: how errors call it, and its bytes.</param>
    /// <param name="debian">.debian.tar.xz, likewise.</param>
    /// <param name="folder">An empty folder.</param>
    /// <exception cref="MalformedDataException">An archive is damaged, or a patch does not fit.</exception>
    public static void Unpack(
        (string Name, Stream Bytes) original, (string Name, Stream Bytes) debian, string folder,
        CancellationToken cancellationToken)
    {
        TarUnpacker unpacker = new(folder);
        using (GzipMemberStream tar = new(original.Bytes, original.Name))
        {
            unpacker.Unpack(tar, original.Name, stripped: 1, cancellationToken);
        }

        using (XzStream tar = new(debian.Bytes, debian.Name))
        {
            unpacker.Unpack(tar, debian.Name, stripped: 0, cancellationToken);
        }

        foreach (string patch in ReadSeries(folder, debian.Name))
        {
            UnifiedDiff.Apply(
                SourceText.Read(Path.Combine(folder, "debian", "patches", patch)), $"{debian.Name}/{patch}", folder);
        }
    }

    /// <summary>
    /// When Debian last changed the package: the date of the newest entry of debian/changelog (deb-changelog(5)).
    /// </summary>
    /// <exception cref="MalformedDataException">There is none.</exception>
    public static DateTimeOffset ReadDate(string folder, string name)
    {
        string path = Path.Combine(folder, "debian", "changelog");
        string? trailer = File.Exists(path)
            ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(" -- ", StringComparison.Ordinal))
            : null;
        string text = trailer is null ? "" : trailer[(trailer.LastIndexOf('>') + 1)..].Trim();
        return text.Length > 2
            && DateTimeOffset.TryParseExact(
                text.Insert(text.Length - 2, ":"), Dates, CultureInfo.InvariantCulture, DateTimeStyles.None,
                out DateTimeOffset date)
            ? date
            : throw new MalformedDataException(name, -1, "debian/changelog has no entry with a date");
    }

    /// <summary>debian/copyright, which every source package holds (Debian policy, 12.5).</summary>
    /// <param name="debian">.debian.tar.xz, seekable.</param>
    /// <exception cref="MalformedDataException">The archive is damaged, or holds none.</exception>
    public static byte[] ReadCopyright(Stream debian, string name)
    {
        using XzStream tar = new(debian, name);
        foreach (TarEntry entry in new TarReader(tar, name))
        {
            if (entry.Kind == TarEntryKind.File
                && entry.ParsePath().Value == "debian/copyright"
                && entry.Size is > 0 and <= MaximumCopyrightBytes)
            {
                byte[] text = new byte[entry.Size];
                entry.Content.ReadExactly(text);
                return text;
            }
        }

        throw new MalformedDataException(
            name, -1, $"it holds no debian/copyright of at most {MaximumCopyrightBytes >> 20} MiB");
    }

    /// <summary>vendor/modules.txt of the sources; empty where they vendor nothing.</summary>
    /// <param name="original">.orig.tar.gz, seekable.</param>
    /// <exception cref="MalformedDataException">The archive is damaged.</exception>
    public static string ReadVendoredModules(Stream original, string name)
    {
        using GzipMemberStream tar = new(original, name);
        foreach (TarEntry entry in new TarReader(tar, name))
        {
            // below a folder that is called like the archive
            if (entry.Kind == TarEntryKind.File
                && entry.ParsePath().Value.Split('/') is [_, "vendor", "modules.txt"]
                && entry.Size <= MaximumCopyrightBytes)
            {
                byte[] text = new byte[entry.Size];
                entry.Content.ReadExactly(text);
                return Encoding.UTF8.GetString(text);
            }
        }

        return "";
    }

    private static IEnumerable<string> ReadSeries(string folder, string name)
    {
        string series = Path.Combine(folder, "debian", "patches", "series");
        foreach (string line in File.Exists(series) ? File.ReadAllLines(series) : [])
        {
            string patch = line.Split('#')[0].Trim();
            if (patch.Length > 0)
            {
                yield return IsPlainPath(patch) && File.Exists(Path.Combine(folder, "debian", "patches", patch))
                    ? patch
                    : throw new MalformedDataException(
                        name, -1, $"debian/patches/series names '{patch}', which is no file beside it");
            }
        }
    }

    private static bool IsPlainPath(string patch) =>
        !patch.StartsWith('/') && patch.Split('/').All(part => part is not ("" or "." or ".."));
}
