using System.Net;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>
/// All that the cluster's DNS says of Services (https://github.com/kubernetes/dns/blob/master/docs/specification.md),
/// as zones in the form of RFC 1035: what a hosts file has no form for, and once more what it has, so that the server
/// of the zones knows what exists. IPv4 only.
/// </summary>
internal sealed class ClusterDnsZone
{
    private const string Ttl = "5 IN";

    private readonly SortedSet<string> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly string[] _reverseZones;
    private readonly ClusterDnsSettings _settings;

    private ClusterDnsZone(ClusterDnsSettings settings)
    {
        _settings = settings;
        _reverseZones = [.. settings.Networks.Select(ReverseZone).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>What is left out beyond what the hosts file leaves out, and why.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Records, sorted.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <param name="services">All Services of the cluster.</param>
    /// <param name="endpointSlices">All EndpointSlices.</param>
    /// <param name="settings">Which names are the cluster's.</param>
    public static ClusterDnsZone Of(
        IReadOnlyList<KubernetesObject> services, IReadOnlyList<KubernetesObject> endpointSlices,
        ClusterDnsSettings settings)
    {
        ClusterDnsZone zone = new(settings);
        zone.Add($"dns-version.{settings.Domain}", "TXT \"1.1.0\"");
        ILookup<string, KubernetesObject> slices = ClusterDnsRules.ByService(endpointSlices);
        foreach (KubernetesObject service in services)
        {
            zone.AddService(service, slices[ClusterDnsRules.KeyOf(service)]);
        }

        return zone;
    }

    /// <summary>The whole file: the zones' beginnings first, as the reader wants it.</summary>
    public string ToText()
    {
        string server = $"kube-dns.kube-system.svc.{_settings.Domain}. hostmaster.{_settings.Domain}.";
        IEnumerable<string> beginnings = _reverseZones.Prepend(_settings.Domain)
            .Select(zone => $"{zone}. {Ttl} SOA {server} 1 7200 1800 86400 5");
        return string.Concat(
            beginnings.Concat(_lines)
                .Prepend("; Names of the cluster, written by the agent")
                .Select(line => line + "\n"));
    }

    private void AddService(KubernetesObject service, IEnumerable<KubernetesObject> slices)
    {
        string name = $"{service.Name}.{service.Namespace}.svc.{_settings.Domain}";
        string address = service.Text("spec", "clusterIP");
        bool isElsewhere = service.Text("spec", "type") == "ExternalName";
        if (!ClusterDnsRules.HasName(service, name))
        {
            if (isElsewhere)
            {
                _faults.Add(ClusterDnsRules.NoName(service));
            }
        }
        else if (isElsewhere)
        {
            AddElsewhere(service, name);
        }
        else if (address == "None")
        {
            foreach (KubernetesObject slice in slices)
            {
                AddEndpoints(service, slice, name);
            }
        }
        else if (ClusterDnsRules.IsAddress(address))
        {
            AddAddress(name, address);
            AddReverse(address, name);
            foreach (KubernetesObject port in service.Items("spec", "ports"))
            {
                AddPort(service, port, name, name);
            }
        }
    }

    private void AddElsewhere(KubernetesObject service, string name)
    {
        string target = service.Text("spec", "externalName").TrimEnd('.').ToLowerInvariant();
        if (target.Length <= ClusterDnsRules.LongestName && target.Split('.').All(ClusterDnsRules.IsOutsideLabel))
        {
            Add(name, $"CNAME {target}.");
        }
        else
        {
            _faults.Add(
                $"the Service {ClusterDnsRules.KeyOf(service)} cannot stand for {ClusterDnsRules.Quoted(target)}");
        }
    }

    private void AddEndpoints(KubernetesObject service, KubernetesObject slice, string name)
    {
        IReadOnlyList<KubernetesObject> ports = slice.Items("ports");
        foreach (KubernetesObject endpoint in ClusterDnsRules.Endpoints(service, slice))
        {
            string host = endpoint.Text("hostname");
            foreach (string address in endpoint.Texts("addresses").Where(ClusterDnsRules.IsAddress))
            {
                string own = ClusterDnsRules.IsHost(host, $"{host}.{name}") ? host : address.Replace('.', '-');
                string ownName = $"{own}.{name}";
                AddAddress(name, address);
                if (ownName.Length > ClusterDnsRules.LongestName)
                {
                    continue;
                }

                AddAddress(ownName, address);
                AddReverse(address, ownName);
                foreach (KubernetesObject port in ports)
                {
                    AddPort(service, port, name, ownName);
                }
            }
        }
    }

    /// <summary>Ports without a name have no record.</summary>
    private void AddPort(KubernetesObject service, KubernetesObject port, string name, string target)
    {
        string label = port.Text("name");
        string protocol = port.Text("protocol") is { Length: > 0 } given ? given.ToLowerInvariant() : "tcp";
        string owner = $"_{label}._{protocol}.{name}";
        if (label.Length == 0 || port.Number("port") is not (> 0 and <= ushort.MaxValue))
        {
            return;
        }

        if (ClusterDnsRules.IsLabel(label)
            && ClusterDnsRules.IsLabel(protocol)
            && owner.Length <= ClusterDnsRules.LongestName)
        {
            Add(owner, $"SRV 0 100 {port.Number("port")} {target}.");
        }
        else
        {
            string fault = $"a port of the Service {ClusterDnsRules.KeyOf(service)} cannot have "
                + $"the name {ClusterDnsRules.Quoted(label)} in DNS";
            if (!_faults.Contains(fault, StringComparer.Ordinal))
            {
                _faults.Add(fault);
            }
        }
    }

    private void AddAddress(string name, string address) => Add(name, $"A {address}");

    private void AddReverse(string address, string name)
    {
        string reverse = $"{string.Join('.', address.Split('.').Reverse())}.in-addr.arpa";
        if (_reverseZones.Any(zone => reverse.EndsWith($".{zone}", StringComparison.Ordinal)))
        {
            Add(reverse, $"PTR {name}.");
        }
    }

    private void Add(string owner, string record) => _lines.Add($"{owner}. {Ttl} {record}");

    /// <summary>The smallest zone that the network is in: its whole bytes.</summary>
    private static string ReverseZone(IPNetwork network)
    {
        byte[] bytes = network.BaseAddress.GetAddressBytes();
        IEnumerable<byte> whole = bytes.Take(Math.Clamp(network.PrefixLength / 8, 1, 3)).Reverse();
        return $"{string.Join('.', whole)}.in-addr.arpa";
    }
}
