using System.Collections.Immutable;
using Images.Baker.Fetching;

namespace Images.Baker.Debian.Archive;

/// <summary>Where each archive can be had, in the order in which the mirrors are asked.</summary>
internal sealed class MirrorSet
{
    private const string DefaultMirror = "http://ftp.debian.org/";
    private readonly ImmutableArray<(string Archive, Mirror Mirror)> _mirrors;

    private MirrorSet(ImmutableArray<(string Archive, Mirror Mirror)> mirrors) => _mirrors = mirrors;

    /// <summary>
    /// The option alone where it is given; else the host's apt sources that serve Debian, then ftp.debian.org.
    /// </summary>
    /// <param name="option">Address of a mirror's root or of its debian/ folder, or null.</param>
    /// <param name="hostSources">What <see cref="AptSources"/> found.</param>
    /// <exception cref="BakeException">The option is no http address.</exception>
    public static MirrorSet Choose(string? option, IReadOnlyList<AptSource> hostSources)
    {
        if (option is not null)
        {
            Uri address = ParseOption(option);
            return new MirrorSet(
                [("debian", At(address, "debian")), ("debian-security", At(address, "debian-security"))]);
        }

        List<(string Archive, Mirror Mirror)> mirrors =
            [.. hostSources.Select(source => (source.Archive, new Mirror(source.Address)))];

        // the security archive is asked of the hosts that serve the main one too, after those that name it
        mirrors.AddRange(hostSources
            .Where(source => source.Archive == "debian")
            .Select(source => ("debian-security", At(source.Address, "debian-security"))));
        mirrors.Add(("debian", At(new Uri(DefaultMirror), "debian")));
        mirrors.Add(("debian-security", At(new Uri(DefaultMirror), "debian-security")));
        return new MirrorSet([.. mirrors.DistinctBy(entry => (entry.Archive, entry.Mirror.ToString()))]);
    }

    public ImmutableArray<Mirror> For(string archive) =>
        [.. _mirrors.Where(entry => entry.Archive == archive).Select(entry => entry.Mirror)];

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
        string last = path[(path.LastIndexOf('/') + 1)..];
        string parent = last is "debian" or "debian-security" ? path[..^last.Length] : path + "/";
        return new Mirror(new UriBuilder(address) { Path = parent + archive }.Uri);
    }
}
