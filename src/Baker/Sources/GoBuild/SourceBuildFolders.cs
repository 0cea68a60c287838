using Images.Baker.Packages;
using Images.Baker.Progress;
using Images.Baker.Sources.Kubernetes;

namespace Images.Baker.Sources.GoBuild;

/// <summary>A source build unpacked, before anything is changed: the toolchain, the sources where a GOPATH wants them, the library.</summary>
internal sealed record SourceBuildFolders
{
    public required GoToolchain Go { get; init; }

    /// <summary>The sources of Kubernetes, Debian's patches applied.</summary>
    public required string Source { get; init; }

    /// <summary>Debian's reflect2, unpacked.</summary>
    public required string Library { get; init; }

    /// <summary>For what is made on the way.</summary>
    public required string Scratch { get; init; }

    /// <summary>Of every command.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <param name="locked">What is built.</param>
    /// <param name="files">Its files.</param>
    /// <param name="work">An empty folder.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MalformedDataException">A file is damaged, or a patch does not fit.</exception>
    public static SourceBuildFolders Unpack(LockedSourceBuild locked, SourceBuildFiles files, string work, IBakeProgress progress, CancellationToken cancellationToken)
    {
        string goPath = Path.Combine(work, "gopath"), scratch = Folder(work, "scratch");
        GoToolchain go = UnpackToolchain(locked, files, Folder(work, "toolchain"), progress, cancellationToken);
        return new SourceBuildFolders
        {
            Go = go,
            Source = UnpackSource(locked, files, Folder(goPath, "src", "k8s.io", "kubernetes"), progress, cancellationToken),
            Library = UnpackLibrary(locked, files, Folder(work, "library"), cancellationToken),
            Scratch = scratch,
            Environment = go.Environment(goPath, scratch),
        };
    }

    private static GoToolchain UnpackToolchain(LockedSourceBuild locked, SourceBuildFiles files, string folder, IBakeProgress progress, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("unpack Go");
        IEnumerable<string> names = locked.Packages.Where(package => package.Name != DebianSourceLock.Reflect2).Select(package => package.FileName());
        return GoToolchain.Unpack(names.Select(name => (name, files[name])), folder, cancellationToken);
    }

    private static string UnpackSource(LockedSourceBuild locked, SourceBuildFiles files, string folder, IBakeProgress progress, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("unpack the sources");
        string original = locked.Source.FileName(".orig.tar.gz"), debian = locked.Source.FileName(".debian.tar.xz");
        DebianSourceTree.Unpack((original, files[original]), (debian, files[debian]), folder, cancellationToken);
        return folder;
    }

    private static string UnpackLibrary(LockedSourceBuild locked, SourceBuildFiles files, string folder, CancellationToken cancellationToken)
    {
        string name = locked.Packages.Single(package => package.Name == DebianSourceLock.Reflect2).FileName();
        DebPackage library = DebPackage.Open(files[name], name);
        using Stream data = library.OpenData();
        new TarUnpacker(folder).Unpack(data, library.DataName, stripped: 0, cancellationToken);
        return folder;
    }

    private static string Folder(params string[] parts) => Directory.CreateDirectory(Path.Combine(parts)).FullName;
}
