using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// Generates pkg/generated/openapi, which Debian's source package lacks because building clients needs none: with the
/// generator that is vendored in it, without network. The generator's list of naming violations must be the one that
/// the sources commit; that shows that it saw the same packages as upstream's own build.
/// </summary>
internal static class OpenApiDefinitions
{
    private const string Package = "k8s.io/kubernetes";
    private const string Generator = SourceBuildFolders.Scratch + "/openapi-gen";
    private const string Header = SourceBuildFolders.Scratch + "/header.txt";
    private const string Violations = SourceBuildFolders.Scratch + "/violations";
    private const string Committed = SourceBuildFolders.Source + "/api/api-rules/violation_exceptions.list";
    private const string Packages = "{packages}";

    /// <summary>A comment that asks for definitions.</summary>
    public const string Marker = @"^// *\+k8s:openapi-gen=";

    /// <summary>Where definitions are asked for.</summary>
    public static ImmutableArray<string> Roots { get; } =
    [
        "cmd", "pkg", "plugin", "test", "vendor/k8s.io/*", "!vendor/k8s.io/code-generator",
        "!vendor/k8s.io/sample-apiserver",
    ];

    public static ImmutableArray<SourceBuildStep> Steps { get; } =
    [
        SourceBuildStep.Run(
            GoToolchain.Command, "build", "-buildvcs=false", "-o", Generator,
            "./vendor/k8s.io/kube-openapi/cmd/openapi-gen"),
        SourceBuildStep.WriteFile(Header, ""),
        SourceBuildStep.NamePackages(Packages, SourceBuildFolders.Source, Package, Marker, Roots),
        SourceBuildStep.Run(
            Generator, "--logtostderr", "-i", Packages, "-p", $"{Package}/pkg/generated/openapi", "-O",
            "zz_generated.openapi", "-h", Header, "-r", Violations),
        SourceBuildStep.RequireSameViolations(Violations, Committed),
    ];

    /// <summary>Folders with a Go file that asks for definitions, sorted.</summary>
    /// <param name="source">The source tree.</param>
    /// <param name="marker">A pattern for a line that asks.</param>
    /// <param name="roots">
    /// Folders to search with what is below them: <c>a/*</c> is every folder in a, <c>!a/b</c> leaves one out.
    /// </param>
    public static SortedSet<string> FindPackages(string source, string marker, IReadOnlyCollection<string> roots)
    {
        Regex asks = new(marker, RegexOptions.Multiline, Regex.InfiniteMatchTimeout);
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (string root in roots
            .SelectMany(root => RootsOf(source, root))
            .Where(root => !roots.Contains($"!{root}")))
        {
            foreach (string folder in FoldersIn(source, root))
            {
                if (Directory.EnumerateFiles(Path.Combine(source, folder), "*.go")
                    .Any(file => AsksForDefinitions(file, asks)))
                {
                    found.Add(folder);
                }
            }
        }

        return found;
    }

    /// <exception cref="MalformedDataException">The generator saw other packages than upstream's build.</exception>
    public static void RequireSameViolations(string report, string committed, string name)
    {
        if (SourceText.Read(report) != SourceText.Read(committed))
        {
            throw new MalformedDataException(
                name, -1,
                "the OpenAPI generator reports other violations, so it saw other packages than upstream's build");
        }
    }

    private static IEnumerable<string> RootsOf(string source, string root) => root switch
    {
        ['!', ..] => [],
        [.. string above, '/', '*'] => Directory.EnumerateFileSystemEntries(Path.Combine(source, above))
            .Where(Directory.Exists)
            .Select(folder => $"{above}/{Path.GetFileName(folder)}"),
        _ => [root],
    };

    /// <summary>
    /// A folder and those below it; links below it are not followed, as they would show a package twice.
    /// </summary>
    private static IEnumerable<string> FoldersIn(string source, string root)
    {
        yield return root;
        foreach (DirectoryInfo below in new DirectoryInfo(Path.Combine(source, root))
            .EnumerateDirectories()
            .Where(folder => folder.LinkTarget is null))
        {
            foreach (string folder in FoldersIn(source, $"{root}/{below.Name}"))
            {
                yield return folder;
            }
        }
    }

    private static bool AsksForDefinitions(string file, Regex asks) =>
        !file.EndsWith("_test.go", StringComparison.Ordinal) && asks.IsMatch(SourceText.Read(file));
}
