using Images.Baker.Locking;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// The folders of a source build, as recipes write them, and how they are filled before anything is changed.
/// </summary>
internal static class SourceBuildFolders
{
    /// <summary>The package whose sources replace a vendored version that corrupts memory.</summary>
    public const string Reflect2 = "golang-github-modern-go-reflect2-dev";

    private const string Work = "{work}";
    private const string Toolchain = Work + "/toolchain";

    /// <summary>Where the toolchain has its root in the packages.</summary>
    public const string GoRoot = "{go}";

    public const string GoPath = Work + "/gopath";

    /// <summary>The sources of Kubernetes, Debian's patches applied, where a GOPATH wants them.</summary>
    public const string Source = GoPath + "/src/k8s.io/kubernetes";

    /// <summary>Debian's reflect2, unpacked.</summary>
    public const string Library = Work + "/library";

    /// <summary>For what is made on the way.</summary>
    public const string Scratch = Work + "/scratch";

    /// <summary>For the programs.</summary>
    public const string Output = "{output}";

    /// <param name="locked">What is built.</param>
    /// <param name="files">Its files.</param>
    /// <param name="work">An empty folder.</param>
    /// <returns>Every folder but that for the programs.</returns>
    /// <exception cref="MalformedDataException">A file is damaged, or a patch does not fit.</exception>
    public static SourceBuildNames Unpack(
        LockedSourceBuild locked, SourceBuildFiles files, string work, IBakeProgress progress,
        CancellationToken cancellationToken)
    {
        SourceBuildNames names = SourceBuildNames.None.With(Work, Path.GetFullPath(work));
        string Create(string folder) => Directory.CreateDirectory(names.Resolve(folder)).FullName;
        Create(Scratch);
        GoToolchain go = UnpackToolchain(locked, files, Create(Toolchain), progress, cancellationToken);
        UnpackSource(locked, files, Create(Source), progress, cancellationToken);
        UnpackLibrary(locked, files, Create(Library), cancellationToken);
        return names.With(GoRoot, go.Root);
    }

    private static GoToolchain UnpackToolchain(
        LockedSourceBuild locked, SourceBuildFiles files, string folder, IBakeProgress progress,
        CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("unpack Go");
        IEnumerable<LockedPackage> packages = locked.Packages.Where(package => package.Name != Reflect2);
        return GoToolchain.Unpack(
            packages.Select(package => (package, files[package.FileName()])), folder, cancellationToken);
    }

    private static void UnpackSource(
        LockedSourceBuild locked, SourceBuildFiles files, string folder, IBakeProgress progress,
        CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("unpack the sources");
        string original = locked.Source.FileName(".orig.tar.gz"), debian = locked.Source.FileName(".debian.tar.xz");
        DebianSourceTree.Unpack((original, files[original]), (debian, files[debian]), folder, cancellationToken);
    }

    private static void UnpackLibrary(
        LockedSourceBuild locked, SourceBuildFiles files, string folder, CancellationToken cancellationToken)
    {
        LockedPackage library = locked.Packages.Single(package => package.Name == Reflect2);
        new TarUnpacker(folder).UnpackDeb(files[library.FileName()], library, cancellationToken);
    }
}
