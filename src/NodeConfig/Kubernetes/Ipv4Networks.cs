using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Images.NodeConfig.Kubernetes;

/// <summary>Arithmetic on IPv4 networks.</summary>
public static class Ipv4Networks
{
    private const int AddressBits = 32;

    /// <summary>Null for what is no IPv4 network written by its base address.</summary>
    public static IPNetwork? TryParse(string text) =>
        IPNetwork.TryParse(text, out IPNetwork network)
            && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork
            && network.ToString() == text
            ? network
            : null;

    /// <summary>The address at a position of the network, counted from its base.</summary>
    public static IPAddress AddressAt(this IPNetwork network, int position)
    {
        byte[] bytes = network.BaseAddress.GetAddressBytes();
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) + (uint)position);
        return new IPAddress(bytes);
    }

    public static IPAddress LastAddress(this IPNetwork network) =>
        network.AddressAt((int)((1L << (AddressBits - network.PrefixLength)) - 1));

    /// <summary>Two networks overlap exactly when one holds the base of the other.</summary>
    public static bool Overlaps(this IPNetwork network, IPNetwork other) =>
        network.Contains(other.BaseAddress) || other.Contains(network.BaseAddress);

    /// <summary>The network of an address with a prefix length.</summary>
    public static IPNetwork Around(IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        byte[] bytes = address.GetAddressBytes();
        uint mask = prefixLength == 0 ? 0 : uint.MaxValue << (AddressBits - prefixLength);
        BinaryPrimitives.WriteUInt32BigEndian(bytes, BinaryPrimitives.ReadUInt32BigEndian(bytes) & mask);
        return new IPNetwork(new IPAddress(bytes), prefixLength);
    }
}
