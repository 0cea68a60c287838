using Images.Baker.Locking;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>A Go toolchain unpacked from Debian's packages into a folder: no installation, no root.</summary>
internal sealed class GoToolchain
{
    /// <summary>The compiler, as recipes write it.</summary>
    public const string Command = SourceBuildFolders.GoRoot + "/bin/go";

    private GoToolchain(string root) => Root = root;

    /// <summary>The folder that Go calls GOROOT.</summary>
    public string Root { get; }

    /// <summary>
    /// The whole environment of a command, as recipes write it: nothing of the host's comes through, nothing is
    /// downloaded, and sources are found in a GOPATH.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(
        StringComparer.Ordinal)
    {
        ["PATH"] = SourceBuildFolders.GoRoot + "/bin",
        ["HOME"] = SourceBuildFolders.Scratch,
        ["TMPDIR"] = SourceBuildFolders.Scratch,
        ["LC_ALL"] = "C",
        ["GOROOT"] = SourceBuildFolders.GoRoot,
        ["GOPATH"] = SourceBuildFolders.GoPath,
        ["GOCACHE"] = SourceBuildFolders.Scratch + "/compiled",
        ["GOENV"] = "off",
        ["GOFLAGS"] = "",
        ["GO111MODULE"] = "off",
        ["GOTOOLCHAIN"] = "local",
        ["GOPROXY"] = "off",
        ["GOOS"] = "linux",
        ["GOARCH"] = "amd64",
        ["GOAMD64"] = "v1",
        ["CGO_ENABLED"] = "0",
    };

    /// <param name="packages">golang-…-go and golang-…-src: what the lock says of each, and its bytes.</param>
    /// <param name="folder">An empty folder.</param>
    /// <exception cref="BakeException">One is another package than the lock says.</exception>
    /// <exception cref="MalformedDataException">A package is damaged, or they hold no toolchain.</exception>
    public static GoToolchain Unpack(
        IEnumerable<(LockedPackage Pinned, Stream Deb)> packages, string folder, CancellationToken cancellationToken)
    {
        TarUnpacker unpacker = new(folder);
        string names = "";
        foreach ((LockedPackage pinned, Stream deb) in packages)
        {
            unpacker.UnpackDeb(deb, pinned, cancellationToken);
            names += $" {pinned.FileName()}";
        }

        // /usr/lib/go-1.26, whose folder src is a link into /usr/share
        string libraries = Path.Combine(folder, "usr", "lib");
        string[] roots = Directory.Exists(libraries)
            ? [.. Directory.EnumerateDirectories(libraries, "go-*").Order(StringComparer.Ordinal)]
            : [];
        return roots.Length == 1
            && File.Exists(Path.Combine(roots[0], "bin", "go"))
            && Directory.Exists(Path.Combine(roots[0], "src", "runtime"))
            ? new GoToolchain(roots[0])
            : throw new MalformedDataException(
                names.TrimStart(), -1, "the packages do not hold one Go toolchain with its standard library");
    }
}
