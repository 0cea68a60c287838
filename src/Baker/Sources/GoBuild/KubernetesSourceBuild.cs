using System.Globalization;
using Images.Baker.Progress;
using Images.Baker.Sources.Kubernetes;

namespace Images.Baker.Sources.GoBuild;

/// <summary>The recipe: from Debian's source package and packages of Go to the programs. Everything happens in one folder.</summary>
internal sealed class KubernetesSourceBuild(LockedSourceBuild locked, SourceBuildFiles files, IBakeProgress progress)
{
    /// <summary>Raised whenever the same inputs would make other programs.</summary>
    public const string Recipe = "go-build-1";

    private const string Package = "k8s.io/kubernetes";

    /// <summary>Where versions are told: twice, as Kubernetes' own build does.</summary>
    private static readonly string[] _versionPackages = [$"{Package}/vendor/k8s.io/component-base/version", $"{Package}/vendor/k8s.io/client-go/pkg/version"];

    /// <param name="work">An empty folder of this build's own; 4 GB.</param>
    /// <param name="output">An empty folder for the programs.</param>
    /// <param name="cancellationToken">Ends it, and the compiler with it.</param>
    /// <exception cref="BakeException">A command failed.</exception>
    /// <exception cref="MalformedDataException">An input is damaged, or a fix does not fit.</exception>
    public void Run(string work, string output, CancellationToken cancellationToken)
    {
        SourceBuildFolders folders = SourceBuildFolders.Unpack(locked, files, work, progress, cancellationToken);
        KubernetesSourceFixes.ReplaceReflect2(folders.Source, folders.Library);
        KubernetesSourceFixes.MendRootStatistics(folders.Source);
        GenerateOpenApi(folders, cancellationToken);
        Compile(folders, output, cancellationToken);
    }

    private void GenerateOpenApi(SourceBuildFolders folders, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("generate OpenAPI");
        OpenApiDefinitions.Generate(folders, cancellationToken);
    }

    private void Compile(SourceBuildFolders folders, string output, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("compile Kubernetes");
        int packages = 0;
        void Count(string line)
        {
            stage.Detail = $"{Interlocked.Increment(ref packages)} packages, now {line}";
        }

        string[] programs = [.. KubernetesProgramNames.All.Select(name => $"./cmd/{name}")];
        new GoProcess(folders.Source, folders.Environment).Run(
            folders.Go.Command,
            ["build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", LinkerFlags(folders), "-o", output + "/", .. programs],
            Count,
            cancellationToken);
    }

    /// <summary>No symbols, no debug data, and the version that the programs tell.</summary>
    private string LinkerFlags(SourceBuildFolders folders)
    {
        DateTimeOffset date = DebianSourceTree.ReadDate(folders.Source, locked.Source.FileName(".debian.tar.xz"));
        string[] version = locked.Version.Split('.');
        string[] values =
        [
            $"gitVersion=v{locked.Version}", $"gitMajor={version[0]}", $"gitMinor={version[1]}", "gitTreeState=archive",
            $"buildDate={date.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}",
        ];
        return string.Join(' ', ["-s", "-w", .. _versionPackages.SelectMany(package => values.Select(value => $"-X {package}.{value}"))]);
    }
}
