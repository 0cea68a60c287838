using System.Net;

namespace Images.NodeConfig.Metadata;

/// <summary>A name that a machine answers by itself. No address stands twice, and there is at least one.</summary>
public sealed record HostAddresses(string Name, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>Of a DNS name without the dot at its end (RFC 1035).</summary>
    private const int Longest = 253;

    /// <summary>
    /// Whether a text is a lower-case name that can be given an address: no address itself, and not the name that each
    /// machine has for itself.
    /// </summary>
    public static bool IsName(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        bool isName = text.Length <= Longest && MetadataForms.DnsName().IsMatch(text);
        return isName && text != "localhost" && !IPAddress.TryParse(text, out _);
    }
}
