using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// Reads <c>endpoint</c>, <c>vip</c> and <c>apiNames</c> of <c>node.kubernetes</c>: how the API is reached.
/// </summary>
internal static partial class VirtualAddressesReader
{
    private const string Endpoint = "endpoint";
    private const string Masters = "masters";
    private const string Lb = "lb";
    private const string Interval = "interval";

    /// <summary>
    /// Below, each pause of a busy machine would move the address. Above, a move would take longer than the ten seconds
    /// after which a machine that has just started takes the address for nobody's.
    /// </summary>
    private const decimal ShortestInterval = 0.2m;
    private const decimal LongestInterval = 2;

    /// <summary>A certificate with more names is no longer one that every client reads.</summary>
    private const int MostNames = 32;

    public static KubernetesSettings Read(MappingReader kubernetes, KubernetesSettings settings)
    {
        VirtualAddresses addresses = kubernetes.OptionalMapping("vip") is { } vip
            ? ReadAddresses(vip.WithOnly(Masters, Lb, Interval), settings)
            : VirtualAddresses.None;
        return settings with
        {
            Vip = addresses,
            Endpoint = ReadEndpoint(kubernetes, addresses),
            ApiNames = ReadNames(kubernetes),
        };
    }

    private static VirtualAddresses ReadAddresses(MappingReader vip, KubernetesSettings settings)
    {
        VirtualAddresses addresses = new()
        {
            Masters = ReadAddress(vip, Masters, settings),
            Lb = ReadAddress(vip, Lb, settings),
            Interval = ReadInterval(vip),
        };
        return addresses.Masters is null || !addresses.Masters.Equals(addresses.Lb)
            ? addresses
            : throw vip.Error(
                Lb,
                $"Masters and lbs cannot share the address {addresses.Lb}: one machine holds it at a time.",
                "Give each of them an address of its own.");
    }

    private static IPAddress? ReadAddress(MappingReader vip, string key, KubernetesSettings settings)
    {
        if (vip.OptionalNode(key) is not { } node)
        {
            return null;
        }

        IPAddress address = MetadataForms.Address(node, key);
        if (settings.NetworkThatHolds(address) is { } network)
        {
            throw node.Error(
                $"The virtual address {address} lies within {network}.",
                "Write a free address of the network that the machines are on.");
        }

        return VirtualAddresses.RouterIdOf(address) is >= 1 and <= 254
            ? address
            : throw node.Error(
                $"'{key}' cannot be {address}: the last part of a virtual address is its number, from 1 to 254.",
                "Write another free address of the network that the machines are on.");
    }

    private static decimal ReadInterval(MappingReader vip)
    {
        if (vip.OptionalNode(Interval) is not { } node)
        {
            return VirtualAddresses.DefaultInterval;
        }

        const string Expected = "seconds from 0.2 to 2, in hundredths at most, as 0.5";
        if (!vip.Has(Masters) && !vip.Has(Lb))
        {
            throw node.Error(
                $"'{Interval}' is of virtual addresses, and there is none.", "Add 'masters' or 'lb', or leave it out.");
        }

        string text = MetadataForms.Matching(node, Interval, Hundredths(), Expected);
        decimal seconds = decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        return seconds is >= ShortestInterval and <= LongestInterval
            ? seconds
            : throw node.Error($"'{Interval}' cannot be {text} s.", $"Write {Expected}.");
    }

    private static ApiEndpoint ReadEndpoint(MappingReader kubernetes, VirtualAddresses addresses)
    {
        (ApiEndpoint endpoint, IPAddress? address, string? key) = kubernetes.OptionalText(Endpoint) switch
        {
            null or "dns" => (ApiEndpoint.Dns, null, null),
            "vip" => (ApiEndpoint.Vip, addresses.Masters, Masters),
            "lb" => (ApiEndpoint.Lb, addresses.Lb, Lb),
            string other => throw kubernetes.Error(
                Endpoint,
                $"The endpoint {ShownText.Quote(other)} is unknown.",
                "Write dns, vip or lb, or leave the key out: the API is found at masters.<cluster>.<domain>:6443."),
        };
        return key is null || address is not null
            ? endpoint
            : throw kubernetes.Error(
                Endpoint,
                $"The endpoint '{kubernetes.OptionalText(Endpoint)}' needs an address, and 'vip.{key}' has none.",
                $"Add 'vip: {{ {key}: … }}' with a free address of the network that the machines are on, "
                    + "or write dns.");
    }

    private static List<string> ReadNames(MappingReader kubernetes)
    {
        List<string> names = [];
        foreach (YamlNode item in kubernetes.Sequence("apiNames"))
        {
            string name = MetadataForms.Name(item, "apiNames");
            if (IPAddress.TryParse(name, out _) || name.Split('.', 2)[0] == "localhost")
            {
                throw item.Error(
                    $"'apiNames' cannot hold {ShownText.Quote(name)}: it is no name by which others reach the API.",
                    "Write DNS names such as kubernetes.example.com.");
            }

            names.Add(!names.Contains(name, StringComparer.Ordinal)
                ? name
                : throw item.Error($"The name '{name}' stands twice.", "Remove one."));
        }

        return names.Count <= MostNames
            ? names
            : throw kubernetes.Error(
                "apiNames", $"'apiNames' holds {names.Count} names.", $"Write at most {MostNames}.");
    }

    [GeneratedRegex(@"\A[0-9]{1,2}(\.[0-9]{1,2})?\z")]
    private static partial Regex Hundredths();
}
