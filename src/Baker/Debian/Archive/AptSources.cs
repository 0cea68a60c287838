using System.Text.RegularExpressions;
using Images.Baker.Debian.Packages;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// Finds the mirrors that this host's apt uses for Debian: sources.list(5), in its one-line and its deb822 form. An
/// entry counts when it names one of Debian's own suites, its components hold main, and it looks like a mirror of
/// Debian: by its folder (debian, or deb-trixie as repository managers have it) or by Debian's keyring; so other
/// vendors' archives (".../linux/debian bookworm stable") and other distributions do not. Nothing here is trusted: what
/// a mirror sends is checked against signatures and the lock.
/// </summary>
internal sealed partial class AptSources
{
    private const string Main = "debian";
    private const string Security = "debian-security";
    private const string MirrorList = "mirror+file:";

    private static readonly string[] _codeNames =
    [
        "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldoldstable", "oldstable",
        "stable", "testing", "unstable",
    ];

    private static readonly string[] _suffixes = ["", "-updates", "-security", "-backports", "-proposed-updates"];

    private readonly List<AptSource> _found = [];
    private readonly List<string> _unused = [];

    private AptSources()
    {
    }

    /// <summary>A host that has none.</summary>
    public static AptSources None { get; } = new();

    public IEnumerable<AptSource> Found => _found.Distinct();

    /// <summary>A line for each entry that serves Debian in a way that is not read here.</summary>
    public IEnumerable<string> Unused => _unused.Distinct(StringComparer.Ordinal);

    /// <param name="aptFolder">/etc/apt, which need not exist.</param>
    public static AptSources Read(string aptFolder)
    {
        AptSources sources = new();
        sources.AddOneLine(Path.Combine(aptFolder, "sources.list"));
        string parts = Path.Combine(aptFolder, "sources.list.d");
        IEnumerable<string> files = Directory.Exists(parts) ? Directory.EnumerateFiles(parts) : [];
        foreach (string file in files.Order(StringComparer.Ordinal))
        {
            // apt leaves files of other names out
            if (!NameOfAPart().IsMatch(Path.GetFileName(file)))
            {
                continue;
            }

            if (Path.GetExtension(file) == ".list")
            {
                sources.AddOneLine(file);
            }
            else
            {
                Paragraphs(file).SelectMany(AptEntry.Read).ToList().ForEach(sources.Add);
            }
        }

        return sources;
    }

    private void AddOneLine(string file) =>
        TextOf(file).Split('\n').Select(AptEntry.ReadOneLine).OfType<AptEntry>().ToList().ForEach(Add);

    private void Add(AptEntry entry)
    {
        if (!entry.Components.Contains("main") || !entry.Suites.Any(IsDebianSuite))
        {
            return;
        }

        if (entry.Address.StartsWith(MirrorList, StringComparison.Ordinal))
        {
            AddMirrorsOf(entry);
        }
        else if (!Uri.TryCreate(entry.Address, UriKind.Absolute, out Uri? uri))
        {
            return;
        }
        else if (uri.Scheme is "http" or "https")
        {
            Add(entry, uri);
        }
        else if (uri.Scheme != "cdrom")
        {
            // without user and password
            string bare = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
            _unused.Add($"apt's source '{bare}' is not asked: http, https and mirror+file are.");
        }
    }

    /// <summary>apt-transport-mirror(1): an address a line, and what follows it after a tab.</summary>
    private void AddMirrorsOf(AptEntry entry)
    {
        string file = entry.Address[MirrorList.Length..];
        file = "/" + file.TrimStart('/');
        string[] addresses = [.. TextOf(file)
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split((char[])['\t', ' '])[0])];
        if (addresses.Length == 0)
        {
            _unused.Add(
                $"apt's source '{MirrorList}{file}' is not asked: the file names no mirror, or cannot be read.");
        }

        foreach (string address in addresses.Where(
            address => !address.StartsWith(MirrorList, StringComparison.Ordinal)))
        {
            Add(entry with { Address = address });
        }
    }

    private void Add(AptEntry entry, Uri uri)
    {
        string path = uri.AbsolutePath.TrimEnd('/');
        string folder = path[(path.LastIndexOf('/') + 1)..];
        if (folder is Main or Security)
        {
            _found.Add(new AptSource(folder, uri));
        }
        else if (folder.StartsWith("deb", StringComparison.OrdinalIgnoreCase)
            || entry.SignedBy.Contains("debian-archive", StringComparison.Ordinal))
        {
            // elsewhere the suites say which archive this is; a repository manager may serve both from one address
            string[] archives = [.. entry.Suites
                .Where(IsDebianSuite)
                .Select(suite => suite.EndsWith("-security", StringComparison.Ordinal) ? Security : Main)
                .Distinct(StringComparer.Ordinal)];
            _found.AddRange(archives.Select(archive => new AptSource(archive, uri)));
        }
    }

    private static bool IsDebianSuite(string suite) =>
        _codeNames.Any(
            name => suite.StartsWith(name, StringComparison.Ordinal) && _suffixes.Contains(suite[name.Length..]));

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

    [GeneratedRegex(@"\A[A-Za-z0-9_.-]+\.(?:list|sources)\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameOfAPart();
}
