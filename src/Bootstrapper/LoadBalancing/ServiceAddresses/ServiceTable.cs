using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// Writes the table of nftables for Services' addresses: at them nothing but the Services' ports is open, and to those
/// who may come; UDP goes to workers, as if this machine had sent it. What else somebody would have forwarded the unit
/// <c>lb-forwarding.service</c> drops, whatever is here.
/// </summary>
internal static class ServiceTable
{
    public const string Name = "images-services";

    /// <summary>The name of an empty chain that says what the table was made of.</summary>
    public static string MarkOf(string rules) =>
        $"made-of-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rules)))[..16]}";

    /// <summary>For <c>nft --file</c>: the old table goes and the new one comes at once.</summary>
    public static string Write(string rules) =>
        // made before it is deleted, so that neither fails
        $"table ip {Name}\ndelete table ip {Name}\ntable ip {Name} {{\n  chain {MarkOf(rules)} {{\n  }}\n{rules}}}\n";

    /// <param name="plan">What is forwarded.</param>
    /// <param name="workers">Those that are well, for a port of UDP.</param>
    public static string Rules(ServicePlan plan, Func<ServicePort, IReadOnlyList<string>> workers)
    {
        if (plan.Ports.Count == 0)
        {
            return "";
        }

        ServicePort[] closed = [.. plan.Ports.Where(port => port.Sources is not null)];
        return $$"""
              set addresses {
                type ipv4_addr
                elements = { {{string.Join(", ", plan.Addresses)}} }
              }
              set open {
                type ipv4_addr . inet_proto . inet_service
                elements = { {{string.Join(", ", plan.Ports.Select(Element))}} }
              }
              chain from-outside {
                type filter hook prerouting priority -150; policy accept;
                ip daddr @addresses meta l4proto != { icmp, tcp, udp } drop
                ip daddr @addresses meta l4proto { tcp, udp } ip daddr . meta l4proto . th dport != @open drop
            {{string.Concat(closed.Select(port => $"    {Closed(port)}\n"))}}  }
              chain to-workers {
                type nat hook prerouting priority dstnat; policy accept;
            {{string.Concat(plan.Ports.Where(port => port.IsUdp).Select(port => Translated(port, workers(port))))}}  }
              chain from-this-machine {
                type nat hook postrouting priority srcnat; policy accept;
                ct status dnat meta l4proto udp masquerade
              }

            """;
    }

    private static string Element(ServicePort port) => string.Create(
        CultureInfo.InvariantCulture, $"{port.Address} . {(port.IsUdp ? "udp" : "tcp")} . {port.Port}");

    private static string Closed(ServicePort port) => port.Sources is { Count: > 0 } sources
        ? $"{Destination(port)} ip saddr != {{ {string.Join(", ", sources)} }} drop"
        : $"{Destination(port)} drop";

    /// <summary>Nothing where nobody is well: who sends there is told that nobody listens.</summary>
    private static string Translated(ServicePort port, IReadOnlyList<string> workers)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        string which = port.IsSticky ? "jhash ip saddr" : "numgen inc";
        string target = workers.Count == 1
            ? workers[0]
            : string.Create(
                invariant,
                $"{which} mod {workers.Count} map {{ "
                    + $"{string.Join(", ", workers.Select((address, index) => $"{Text(index)} : {address}"))} }}");
        return workers.Count == 0
            ? ""
            : string.Create(invariant, $"    {Destination(port)} dnat to {target}:{port.NodePort}\n");
    }

    private static string Destination(ServicePort port) => string.Create(
        CultureInfo.InvariantCulture, $"ip daddr {port.Address} {(port.IsUdp ? "udp" : "tcp")} dport {port.Port}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
