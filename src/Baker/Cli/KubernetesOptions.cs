using System.CommandLine;
using Images.Baker.Kubernetes;
using Images.Baker.Plan;

namespace Images.Baker.Cli;

/// <summary>Options about Kubernetes that several commands have.</summary>
internal static class KubernetesOptions
{
    public static Option<string?> Source() =>
        new("--kubernetes") { Description = $"Where Kubernetes comes from: {Names}; else what the plan says." };

    public static Option<string?> Mirror() => new("--kubernetes-mirror")
    {
        Description = $"A server with upstream's releases of Kubernetes; else {UpstreamServer.DefaultAddress}.",
    };

    /// <exception cref="BakeException">It is no source.</exception>
    public static KubernetesSource? Parse(string? name) =>
        name is null ? null : KubernetesPlanReader.SourceOf(name) ?? throw new BakeException(
            "BAKE0003", "--kubernetes", $"'{name}' is no source of Kubernetes.", $"Known here: {Names}.");

    private static string Names =>
        string.Join(", ", Enum.GetValues<KubernetesSource>().Select(KubernetesPlanReader.Name));
}
