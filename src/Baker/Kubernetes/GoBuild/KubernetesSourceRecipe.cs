using System.Collections.Immutable;
using Images.Baker.Locking;
using Images.Baker.Plan;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>How Kubernetes is built from Debian's source package; docs/decisions/0011 says why so.</summary>
internal static class KubernetesSourceRecipe
{
    private const string Package = "k8s.io/kubernetes";
    private const string Date = "{date}";

    /// <summary>Where versions are told: twice, as Kubernetes' own build does.</summary>
    private static readonly string[] _versionPackages =
        [$"{Package}/vendor/k8s.io/component-base/version", $"{Package}/vendor/k8s.io/client-go/pkg/version"];

    public static SourceBuildRecipe For(LockedSourceBuild locked) => new()
    {
        Folder = SourceBuildFolders.Source,
        Environment = GoToolchain.Environment,
        Fixes = [.. KubernetesSourceFixes.All.SelectMany(fix => fix.Steps)],
        OpenApi = OpenApiDefinitions.Steps,
        Compile = Compile(locked.Version),
    };

    private static ImmutableArray<SourceBuildStep> Compile(string version) =>
    [
        SourceBuildStep.NameDate(Date, SourceBuildFolders.Source, "yyyy-MM-ddTHH:mm:ssZ"),
        SourceBuildStep.Run(
            GoToolchain.Command,
            [
                "build", "-v", "-trimpath", "-buildvcs=false", "-tags", KubernetesSourceWaits.WithoutDockerTag,
                "-ldflags", LinkerFlags(version), "-o", SourceBuildFolders.Output + "/",
                .. KubernetesProgramNames.All.Select(name => $"./cmd/{name}"),
            ]),
    ];

    /// <summary>No symbols, no debug data, and the version that the programs tell.</summary>
    private static string LinkerFlags(string version)
    {
        string[] parts = version.Split('.');
        string[] values =
        [
            $"gitVersion=v{version}", $"gitMajor={parts[0]}", $"gitMinor={parts[1]}", "gitTreeState=archive",
            $"buildDate={Date}",
        ];
        return string.Join(
            ' ',
            ["-s", "-w", .. _versionPackages.SelectMany(package => values.Select(value => $"-X {package}.{value}"))]);
    }
}
