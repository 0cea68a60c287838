using System.Text.RegularExpressions;

namespace Images.Baker.Sources.GoBuild;

/// <summary>
/// Generates pkg/generated/openapi, which Debian's source package lacks because building clients needs none: with the
/// generator that is vendored in it, without network. The generator's list of naming violations must be the one that
/// the sources commit; that shows that it saw the same packages as upstream's own build.
/// </summary>
internal static partial class OpenApiDefinitions
{
    private const string Package = "k8s.io/kubernetes";
    private static readonly string[] _roots = ["cmd", "pkg", "plugin", "test"];
    private static readonly string[] _leftOut = ["vendor/k8s.io/code-generator/", "vendor/k8s.io/sample-apiserver/"];

    /// <exception cref="BakeException">The generator failed.</exception>
    /// <exception cref="MalformedDataException">It saw other packages than upstream's.</exception>
    public static void Generate(SourceBuildFolders folders, CancellationToken cancellationToken)
    {
        GoProcess process = new(folders.Source, folders.Environment);
        string generator = Path.Combine(folders.Scratch, "openapi-gen"), header = Path.Combine(folders.Scratch, "header.txt"), violations = Path.Combine(folders.Scratch, "violations");
        process.Run(folders.Go.Command, ["build", "-buildvcs=false", "-o", generator, "./vendor/k8s.io/kube-openapi/cmd/openapi-gen"], _ => { }, cancellationToken);
        File.WriteAllText(header, "");
        string inputs = string.Join(',', FindPackages(folders.Source).Select(folder => $"{Package}/{folder}"));
        process.Run(
            generator,
            ["--logtostderr", "-i", inputs, "-p", $"{Package}/pkg/generated/openapi", "-O", "zz_generated.openapi", "-h", header, "-r", violations],
            _ => { },
            cancellationToken);
        RequireSameViolations(violations, folders.Source);
    }

    /// <summary>Folders with a Go file that asks for definitions, sorted.</summary>
    private static SortedSet<string> FindPackages(string source)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        IEnumerable<string> vendored = Directory.EnumerateFileSystemEntries(Path.Combine(source, "vendor/k8s.io")).Where(Directory.Exists).Select(folder => $"vendor/k8s.io/{Path.GetFileName(folder)}");
        foreach (string root in _roots.Concat(vendored).Where(root => !_leftOut.Contains(root + "/")))
        {
            foreach (string folder in FoldersIn(source, root))
            {
                if (Directory.EnumerateFiles(Path.Combine(source, folder), "*.go").Any(AsksForDefinitions))
                {
                    found.Add(folder);
                }
            }
        }

        return found;
    }

    /// <summary>A folder and those below it; links below it are not followed, as they would show a package twice.</summary>
    private static IEnumerable<string> FoldersIn(string source, string root)
    {
        yield return root;
        foreach (DirectoryInfo below in new DirectoryInfo(Path.Combine(source, root)).EnumerateDirectories().Where(folder => folder.LinkTarget is null))
        {
            foreach (string folder in FoldersIn(source, $"{root}/{below.Name}"))
            {
                yield return folder;
            }
        }
    }

    private static bool AsksForDefinitions(string file) =>
        !file.EndsWith("_test.go", StringComparison.Ordinal) && Marker().IsMatch(SourceText.Read(file));

    private static void RequireSameViolations(string report, string source)
    {
        const string Committed = "api/api-rules/violation_exceptions.list";
        if (SourceText.Read(report) != SourceText.Read(Path.Combine(source, Committed)))
        {
            throw new MalformedDataException(Committed, -1, "the OpenAPI generator reports other violations, so it saw other packages than upstream's build");
        }
    }

    [GeneratedRegex(@"^// *\+k8s:openapi-gen=", RegexOptions.Multiline)]
    private static partial Regex Marker();
}
