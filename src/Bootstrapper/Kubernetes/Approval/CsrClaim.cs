// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>A machine's word: as which node it asks for a certificate, and with which keys.</summary>
internal sealed record CsrClaim
{
    /// <summary>Beside those of Kubernetes, none of which is this one.</summary>
    public const int Port = 10245;

    public required string Node { get; init; }

    /// <summary>SHA-256 of each SubjectPublicKeyInfo in lower-case hexadecimal.</summary>
    public required IReadOnlyList<string> Keys { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CsrClaim))]
internal sealed partial class CsrClaimJson : JsonSerializerContext;
