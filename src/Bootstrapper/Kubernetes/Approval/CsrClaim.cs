// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>A machine's word: as which node it asks for a certificate, and with which keys.</summary>
internal sealed record CsrClaim : IJsonOnDeserialized
{
    /// <summary>Beside those of Kubernetes, none of which is this one.</summary>
    public const int Port = 10245;

    private const int MostKeys = 8;
    private const int DigitsInName = 32;

    public required string Node { get; init; }

    /// <summary>SHA-256 of each SubjectPublicKeyInfo in lower-case hexadecimal.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <exception cref="JsonException">Another machine left out what a list must hold.</exception>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Keys.Count > MostKeys || Keys.Any(key => key is null))
        {
            throw new JsonException("no list of keys");
        }
    }

    /// <summary>
    /// What our workers call their request for a key (by its digest): so it is found again after a restart, and among
    /// any number of others.
    /// </summary>
    public static string RequestNameOf(string keyDigest) =>
        $"images-{(keyDigest.Length <= DigitsInName ? keyDigest : keyDigest[..DigitsInName])}";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, MaxDepth = 8)]
[JsonSerializable(typeof(CsrClaim))]
internal sealed partial class CsrClaimJson : JsonSerializerContext;
