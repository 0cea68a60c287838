using System.Globalization;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// <c>spec.loadBalancerSourceRanges</c>. The API server takes networks whose address is not their first, and those of
/// IPv6, from which nobody comes here.
/// </summary>
internal static class SourceNetworks
{
    private const int BitsOfAddress = 32;

    /// <summary>False where one of them is no network: then nobody may come, for who was meant is not known.</summary>
    /// <param name="networks">Null where everybody may come.</param>
    public static bool TryRead(IReadOnlyList<string> texts, out IReadOnlyList<string>? networks)
    {
        networks = null;
        if (texts.Count == 0)
        {
            return true;
        }

        List<(uint First, int Bits)> read = [];
        foreach (string text in texts.Select(text => text.Trim()))
        {
            if (text.Contains(':', StringComparison.Ordinal))
            {
                continue; // IPv6: an empty list lets nobody in
            }

            if (text.Split('/') is not [string address, string length]
                || AddressRange.NumberOf(address) is not uint number
                || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int bits)
                || bits > BitsOfAddress)
            {
                return false;
            }

            read.Add((number & MaskOf(bits), bits));
        }

        // one within another would be one too many for the kernel's set
        networks = read.Exists(network => network.Bits == 0)
            ? null
            :
            [
                .. read.Where(network => !read.Exists(wider => wider.Bits < network.Bits && IsWithin(network, wider)))
                    .Distinct().Order()
                    .Select(network => string.Create(
                        CultureInfo.InvariantCulture, $"{AddressRange.TextOf(network.First)}/{network.Bits}")),
            ];
        return true;
    }

    private static bool IsWithin((uint First, int Bits) network, (uint First, int Bits) wider) =>
        (network.First & MaskOf(wider.Bits)) == wider.First;

    private static uint MaskOf(int bits) => bits == 0 ? 0 : uint.MaxValue << (BitsOfAddress - bits);
}
