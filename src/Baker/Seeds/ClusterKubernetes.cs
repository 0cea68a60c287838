// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json.Serialization;
using System.Text.Json;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Seeds;

/// <summary>
/// Which Kubernetes a cluster runs: <c>kubernetes.json</c> in its folder, no secret. The first image that is baked for
/// the cluster writes it. It holds what the machines run, so an image with a newer one does not change it.
/// </summary>
internal sealed record ClusterKubernetes
{
    public const string FileName = "kubernetes.json";

    /// <summary>upstream, debian or folder.</summary>
    public required string Source { get; init; }

    /// <summary>As 1.36.0.</summary>
    public required string Version { get; init; }

    /// <summary>Null where no image was baked for the cluster yet.</summary>
    /// <param name="folder">What <c>baker seed</c> was given as <c>--out</c>.</param>
    /// <exception cref="BakeException">There is no such cluster, or the file is not what was written.</exception>
    public static ClusterKubernetes? ReadIfAny(string folder)
    {
        _ = ClusterFolder.Find(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            ClusterKubernetes recorded = JsonSerializer.Deserialize(
                File.ReadAllBytes(path), ClusterKubernetesJson.Default.ClusterKubernetes)
                ?? throw new JsonException("it is null");
            return ComponentVersion.TryParseRelease(recorded.Version) is null
                ? throw new JsonException($"'{recorded.Version}' is no version")
                : recorded;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0653", path, $"The cluster's Kubernetes cannot be read: {fault.Message}",
                """Write {"source": "debian", "version": "1.20.2"} there, of what its machines run.""", inner: fault);
        }
    }

    /// <exception cref="BakeException">The file cannot be written.</exception>
    public void Write(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            File.WriteAllBytes(
                path,
                [
                    .. JsonSerializer.SerializeToUtf8Bytes(this, ClusterKubernetesJson.Default.ClusterKubernetes),
                    (byte)'\n',
                ]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0653", path, $"The cluster's Kubernetes cannot be recorded: {fault.Message}",
                "Give --for-cluster a folder that you may write to.", BakeFault.Output, fault);
        }
    }

    /// <param name="image">What the image is to hold; null for none.</param>
    /// <param name="folder">For the error.</param>
    /// <exception cref="BakeException">The cluster cannot take that one.</exception>
    public void RequireStepTo(string? image, string folder)
    {
        SkewVerdict verdict = SkewRules.Kubernetes(Version, image);
        if (!verdict.IsAllowed)
        {
            throw new BakeException(
                "BAKE0652", Path.Combine(folder, FileName),
                $"The cluster runs Kubernetes {Version}, and the image would hold {image ?? "none"}: {verdict.Reason}.",
                verdict.Remedy);
        }
    }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ClusterKubernetes))]
internal sealed partial class ClusterKubernetesJson : JsonSerializerContext;
