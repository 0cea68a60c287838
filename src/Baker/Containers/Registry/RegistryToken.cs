using System.Text.Json;

namespace Images.Baker.Containers.Registry;

/// <summary>Reads a token server's answer: <c>token</c>, or <c>access_token</c> as OAuth 2 calls it.</summary>
internal static class RegistryToken
{
    private const int MaximumSize = 1 << 20;

    public static async Task<string> ReadAsync(Stream body, Uri address, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MaximumSize];
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.AsMemory(0, length));
            bool found = document.RootElement.TryGetProperty("token", out JsonElement value)
                || document.RootElement.TryGetProperty("access_token", out value);
            string token = found ? value.GetString() ?? "" : "";

            // RFC 6750, section 2.1: nothing else can be a bearer token
            if (token.Length > 0
                && token.All(character => char.IsAsciiLetterOrDigit(character)
                    || "-._~+/=".Contains(character, StringComparison.Ordinal)))
            {
                return token;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw NoToken(address, e);
        }

        throw NoToken(address, inner: null);
    }

    private static BakeException NoToken(Uri address, Exception? inner) => new(
        "BAKE0621", $"{address.Scheme}://{address.Authority}{address.AbsolutePath}",
        "The registry's token server sent no token.",
        "Only images that anyone may pull can be carried; put others into an archive.", BakeFault.Source, inner);
}
