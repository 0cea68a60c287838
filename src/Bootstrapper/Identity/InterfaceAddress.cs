using System.Net;
using System.Net.NetworkInformation;

namespace Images.Bootstrapper.Identity;

/// <summary>An address that a network interface carries.</summary>
internal sealed record InterfaceAddress(string Interface, IPAddress Address)
{
    /// <summary>
    /// All addresses of the machine but IPv6 ones of one link, by interface; none while the kernel cannot be asked.
    /// </summary>
    public static IReadOnlyList<InterfaceAddress> OfMachine()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .OrderBy(card => card.Name, StringComparer.Ordinal)
                    .SelectMany(card => card.GetIPProperties().UnicastAddresses
                        .Where(item => !item.Address.IsIPv6LinkLocal && !item.Address.Equals(IPAddress.IPv6Loopback))
                        .Select(item => new InterfaceAddress(card.Name, item.Address))),
            ];
        }
        catch (NetworkInformationException)
        {
            return []; // an interface that went away while it was looked at
        }
    }

    /// <summary>"eth0 has 10.0.0.12, lo has 127.0.0.1".</summary>
    public static string Describe(IReadOnlyList<InterfaceAddress> carried) =>
        carried.Count == 0
            ? "no interface has an address"
            : string.Join(", ", carried.Select(item => $"{item.Interface} has {item.Address}"));
}
