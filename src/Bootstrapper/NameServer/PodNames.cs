using System.Net;
using System.Net.Sockets;
using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>
/// <c>10-200-1-2.NAMESPACE.pod.DOMAIN</c> is 10.200.1.2, whether such a pod lives or not: to know, each worker would
/// have to follow all pods of the cluster. So upstream's name server has it by default, too ("pods insecure").
/// </summary>
internal static class PodNames
{
    public const uint Ttl = 5;

    private const string Pod = "pod";

    /// <summary>Null for what is no such name; empty for what stands above such names.</summary>
    public static IReadOnlyList<DnsRecord>? Find(string name, string domain)
    {
        string[] labels = name[..^domain.Length].Split('.', StringSplitOptions.RemoveEmptyEntries);
        return labels switch
        {
            [Pod] or [_, Pod] => [],
            [string address, _, Pod] when AddressOf(address) is { } found => [DnsRecord.OfAddress(found, Ttl)],
            _ => null,
        };
    }

    /// <summary>In the one form that it is written in.</summary>
    private static IPAddress? AddressOf(string label)
    {
        string text = label.Replace('-', '.');
        return IPAddress.TryParse(text, out IPAddress? address) && address.ToString() == text
            && address.AddressFamily == AddressFamily.InterNetwork
                ? address
                : null;
    }
}
