using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// A machine's end of the overlay, derived from its own address alone, so that nobody has to hand it out or look it up.
/// Masters without pods need one too, as the source of what they send to pods.
/// </summary>
internal static class OverlayAddress
{
    private const uint HostBits = 0x1FFFF;

    /// <summary>The network's upper 15 bits, the address's lower 17.</summary>
    public static IPAddress Of(IPAddress machine)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(
            bytes, Number(KubernetesSettings.OverlayAddresses.BaseAddress) | (Number(machine) & HostBits));
        return new IPAddress(bytes);
    }

    /// <summary>A locally administered Ethernet address: <c>02:58</c> and the machine's address.</summary>
    public static string EthernetOf(IPAddress machine)
    {
        uint number = Number(machine);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"02:58:{number >> 24:x2}:{(number >> 16) & 0xFF:x2}:{(number >> 8) & 0xFF:x2}:{number & 0xFF:x2}");
    }

    private static uint Number(IPAddress address) => BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
