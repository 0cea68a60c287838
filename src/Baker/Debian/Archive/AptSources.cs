using Images.Baker.Debian.Packages;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// Finds the mirrors that this host's apt uses for Debian: sources.list(5), in its one-line and its deb822 form. An
/// entry counts when its address ends in an archive's folder, it names one of Debian's own suites, and its components
/// hold main; so other vendors' archives (".../linux/debian bookworm stable") and other distributions do not. Nothing
/// here is trusted: what a mirror sends is checked against signatures and the lock.
/// </summary>
internal static class AptSources
{
    private static readonly string[] _codeNames =
    [
        "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldoldstable", "oldstable",
        "stable", "testing", "unstable",
    ];

    private static readonly string[] _suffixes = ["", "-updates", "-security", "-backports", "-proposed-updates"];

    /// <param name="aptFolder">/etc/apt, which need not exist.</param>
    public static IReadOnlyList<AptSource> Read(string aptFolder)
    {
        List<AptSource> sources = [.. ReadOneLine(Path.Combine(aptFolder, "sources.list"))];
        string parts = Path.Combine(aptFolder, "sources.list.d");
        if (Directory.Exists(parts))
        {
            foreach (string file in Directory.EnumerateFiles(parts).Order(StringComparer.Ordinal))
            {
                sources.AddRange(Path.GetExtension(file) switch
                {
                    ".list" => ReadOneLine(file),
                    ".sources" => ReadDeb822(file),
                    _ => [],
                });
            }
        }

        return [.. sources.Distinct()];
    }

    private static IEnumerable<AptSource> ReadOneLine(string file)
    {
        foreach (string line in TextOf(file).Split('\n'))
        {
            string entry = line.Split('#')[0].Trim();
            int open = entry.IndexOf('[', StringComparison.Ordinal);
            int close = entry.IndexOf(']', StringComparison.Ordinal);
            entry = open >= 0 && close > open ? entry.Remove(open, close - open + 1) : entry;
            string[] words = entry.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 4 && words[0] == "deb" && Match(words[1], [words[2]], words[3..]) is { } source)
            {
                yield return source;
            }
        }
    }

    private static IEnumerable<AptSource> ReadDeb822(string file)
    {
        foreach (ControlParagraph paragraph in Paragraphs(file))
        {
            if (paragraph["Enabled"] is "no" or "false" || !Words(paragraph["Types"]).Contains("deb"))
            {
                continue;
            }

            foreach (string address in Words(paragraph["URIs"]))
            {
                if (Match(address, Words(paragraph["Suites"]), Words(paragraph["Components"])) is { } source)
                {
                    yield return source;
                }
            }
        }
    }

    private static AptSource? Match(string address, string[] suites, string[] components)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https")
            || !components.Contains("main") || !suites.Any(IsDebianSuite))
        {
            return null;
        }

        string path = uri.AbsolutePath.TrimEnd('/');
        string archive = path[(path.LastIndexOf('/') + 1)..];
        return archive is "debian" or "debian-security" ? new AptSource(archive, uri) : null;
    }

    private static bool IsDebianSuite(string suite) =>
        _codeNames.Any(
            name => suite.StartsWith(name, StringComparison.Ordinal) && _suffixes.Contains(suite[name.Length..]));

    private static string[] Words(string? field) =>
        (field ?? "").Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static List<ControlParagraph> Paragraphs(string file)
    {
        try
        {
            return [.. ControlFile.Parse(TextOf(file), file)];
        }
        catch (MalformedDataException)
        {
            // apt would complain about this file; for a bake the default mirror is as good
            return [];
        }
    }

    private static string TextOf(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // files with credentials are often readable by root only
            return "";
        }
    }
}
