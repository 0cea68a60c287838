using System.Text.Json.Nodes;

namespace Images.NodeConfig.Kubernetes;

/// <summary>An object of a manifest: apiVersion, kind and name are there, the rest is as it was written.</summary>
public sealed record ManifestObject
{
    public required string ApiVersion { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>Empty where none is written.</summary>
    public required string Namespace { get; init; }

    public required JsonObject Json { get; init; }

    /// <summary>File and line at which it begins, for errors.</summary>
    public required string Place { get; init; }

    public override string ToString() => Namespace.Length == 0 ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
