using System.Net;
using System.Net.Sockets;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>
/// Reads a file in the form of /etc/hosts (hosts(5)): lines of an address and names, '#' begins a comment. A name on
/// several lines has several addresses. Lines that every machine has of itself (127.0.0.0/8, ::1, fe00::0,
/// ff00::/8) are passed over.
/// </summary>
internal static class HostsFile
{
    /// <returns>In the order in which the names stand first.</returns>
    /// <exception cref="BakeException">The file cannot be read, or names nobody.</exception>
    /// <exception cref="ConfigurationException">A line breaks a rule; line and column are in the message.</exception>
    public static IReadOnlyList<HostAddresses> Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refusal(path, $"cannot be read: {e.Message}", "Give --hosts a file in the form of /etc/hosts.", e);
        }

        IReadOnlyList<HostAddresses> hosts = Parse(lines, path);
        return hosts.Count > 0
            ? hosts
            : throw Refusal(
                path, "names no machine.", "Write lines such as '10.0.0.11 etcd.demo.k8s', or leave --hosts out.");
    }

    private static BakeException Refusal(string path, string problem, string remedy, Exception? inner = null) =>
        new("BAKE0810", path, problem, remedy, inner: inner);

    private static List<HostAddresses> Parse(string[] lines, string path)
    {
        Dictionary<string, List<IPAddress>> addresses = new(StringComparer.Ordinal);
        List<string> names = [];
        for (int index = 0; index < lines.Length; index++)
        {
            HostsLine line = new(path, index + 1, lines[index].Split('#', 2)[0]);
            if (line.Words.Count == 0 || AddressOf(line) is not { } address)
            {
                continue;
            }

            foreach ((string text, int column) in line.Words.Skip(1))
            {
                string name = text.ToLowerInvariant();
                if (!HostAddresses.IsName(name))
                {
                    throw line.Error(
                        column,
                        $"'{name}' is no name of a host.",
                        "Write letters, digits and '-' between dots, as in masters.demo.k8s.");
                }

                if (!addresses.TryGetValue(name, out List<IPAddress>? known))
                {
                    addresses[name] = known = [];
                    names.Add(name);
                }

                known.Add(!known.Contains(address)
                    ? address
                    : throw line.Error(column, $"'{name}' has the address {address} already.", "Remove one."));
            }
        }

        return [.. names.Select(name => new HostAddresses(name, addresses[name]))];
    }

    /// <summary>Null for a line that every machine has of itself.</summary>
    private static IPAddress? AddressOf(HostsLine line)
    {
        (string text, int column) = line.Words[0];
        bool isOne = IPAddress.TryParse(text, out IPAddress? address);
        bool isIpv4 = isOne && address!.AddressFamily == AddressFamily.InterNetwork;
        if (!isOne || (isIpv4 && address!.ToString() != text))
        {
            throw line.Error(
                column, $"'{text}' is no address.", "Write an IPv4 address such as 10.0.0.11 first, then names.");
        }

        if (IPAddress.IsLoopback(address!) || address!.IsIPv6Multicast || text is "fe00::0" or "fe00::")
        {
            return null;
        }

        if (!isIpv4)
        {
            throw line.Error(
                column, $"{text} is an IPv6 address, and the image needs IPv4 for now.", "Remove the line.");
        }

        return line.Words.Count > 1
            ? address
            : throw line.Error(column, $"{text} has no name.", "Write names after it, or remove the line.");
    }
}
