using System.Collections.Immutable;
using Images.Baker.Fetching;

namespace Images.Baker.Debian.Archive;

/// <summary>Where each archive can be had, in the order in which the mirrors are asked.</summary>
internal sealed class MirrorSet
{
    private const string DefaultMirror = "http://ftp.debian.org/";
    private static readonly ImmutableArray<string> _archives = ["debian", "debian-security"];
    private readonly ImmutableArray<(string Archive, Mirror Mirror)> _mirrors;

    private MirrorSet(IEnumerable<(string Archive, Mirror Mirror)> mirrors) =>
        _mirrors = [.. mirrors.DistinctBy(entry => (entry.Archive, entry.Mirror.ToString()))];

    /// <summary>
    /// The option alone where it is given; else the host's apt sources that serve Debian, then ftp.debian.org.
    /// </summary>
    /// <param name="option">
    /// Address of a mirror's root, of its debian/ folder, or of an archive of any other name; or null.
    /// </param>
    /// <param name="hostSources">What the host's apt asks.</param>
    /// <exception cref="BakeException">The option is no http address.</exception>
    public static MirrorSet Choose(string? option, AptSources hostSources)
    {
        if (option is not null)
        {
            return OfOption(ParseOption(option));
        }

        List<(string Archive, Mirror Mirror)> mirrors =
            [.. hostSources.Found.Select(source => (source.Archive, new Mirror(source.Address)))];

        // the security archive is asked of the hosts that serve the main one too, after those that name it
        mirrors.AddRange(hostSources.Found
            .Where(source => source.Archive == "debian" && source.HasUsualName)
            .Select(source => ("debian-security", At(source.Address, "debian-security"))));
        mirrors.AddRange(_archives.Select(archive => (archive, At(new Uri(DefaultMirror), archive))));
        return new MirrorSet(mirrors) { Notices = [.. hostSources.Unused] };
    }

    /// <summary>What of the host's apt sources is not asked, and why.</summary>
    public ImmutableArray<string> Notices { get; private init; } = [];

    public ImmutableArray<Mirror> For(string archive) =>
        [.. _mirrors.Where(entry => entry.Archive == archive).Select(entry => entry.Mirror)];

    /// <summary>
    /// Repository managers call an archive's folder as they like (debian-trixie), so an address that ends in neither
    /// name may also be the archive itself. Asking there too harms nobody: only what is signed and pinned is taken.
    /// </summary>
    private static MirrorSet OfOption(Uri address) => new(_archives.SelectMany(
        archive => NamesAnArchive(address)
            ? ((string, Mirror)[])[(archive, At(address, archive))]
            : [(archive, At(address, archive)), (archive, new Mirror(address))]));

    private static Uri ParseOption(string option) =>
        Uri.TryCreate(option, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw new BakeException(
                "BAKE0341", "--mirror", "This is not an http or https address.",
                "Write for example --mirror http://ftp.debian.org/debian.");

    /// <summary>The archive beside the one that the address names; below it where it names none.</summary>
    private static Mirror At(Uri address, string archive)
    {
        string path = address.AbsolutePath.TrimEnd('/');
        string parent = NamesAnArchive(address) ? path[..^LastOf(path).Length] : path + "/";
        return new Mirror(new UriBuilder(address) { Path = parent + archive }.Uri);
    }

    private static bool NamesAnArchive(Uri address) => _archives.Contains(LastOf(address.AbsolutePath.TrimEnd('/')));

    private static string LastOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}
