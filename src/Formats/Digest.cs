using System.Security.Cryptography;

namespace Images.Formats;

/// <summary>
/// A SHA-256 or SHA-512 value, compared by its bytes; printed as <c>sha256:…</c> in lower-case hexadecimal.
/// </summary>
public sealed record Digest
{
    private Digest(string algorithm, string hex)
    {
        Algorithm = algorithm;
        Hex = hex;
    }

    /// <summary>"sha256" or "sha512".</summary>
    public string Algorithm { get; }

    /// <summary>Lower-case hexadecimal, 64 or 128 characters.</summary>
    public string Hex { get; }

    public static Digest Sha256(ReadOnlySpan<byte> data) =>
        new("sha256", Convert.ToHexStringLower(SHA256.HashData(data)));

    public static Digest FromSha256(ReadOnlySpan<byte> value) => new("sha256", Convert.ToHexStringLower(value));

    public static Digest FromSha512(ReadOnlySpan<byte> value) => new("sha512", Convert.ToHexStringLower(value));

    /// <summary>Of what the stream holds from its position on.</summary>
    /// <param name="stream">Read to its end.</param>
    /// <param name="algorithm">"sha256" or "sha512".</param>
    public static Digest Of(Stream stream, string algorithm) =>
        algorithm == "sha256" ? FromSha256(SHA256.HashData(stream)) : FromSha512(SHA512.HashData(stream));

    /// <summary>
    /// Reads <c>sha256:hex</c>, <c>sha512:hex</c>, or bare hexadecimal whose length names the algorithm.
    /// </summary>
    public static Digest Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is not a sha256 or sha512 digest.");

    public static Digest? TryParse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string hex = text[(colon + 1)..].ToLowerInvariant();
        string? algorithm = hex.Length switch { 64 => "sha256", 128 => "sha512", _ => null };
        bool named = colon < 0 || text[..colon] == algorithm;
        return algorithm is not null && named && hex.All(char.IsAsciiHexDigitLower) ? new Digest(algorithm, hex) : null;
    }

    public byte[] ToBytes() => Convert.FromHexString(Hex);

    public override string ToString() => $"{Algorithm}:{Hex}";
}
