namespace Images.NodeConfig.Kubernetes;

/// <summary>A key of the provider <c>secretbox</c>, with which the API server encrypts what it stores.</summary>
public sealed record EncryptionKey
{
    public const int SecretBytes = 32;

    /// <summary>Stands beside what it encrypted: never to be given to another key.</summary>
    public required string Name { get; init; }

    /// <summary>32 bytes in base64.</summary>
    public required Secret Secret { get; init; }

    public static bool IsSecret(string base64)
    {
        ArgumentNullException.ThrowIfNull(base64);
        Span<byte> bytes = stackalloc byte[SecretBytes + 1];
        return Convert.TryFromBase64String(base64, bytes, out int count) && count == SecretBytes;
    }
}
