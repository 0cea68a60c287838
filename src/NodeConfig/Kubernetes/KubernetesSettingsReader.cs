using System.Net;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// Reads <c>node.kubernetes</c>. Its secrets may instead stand in <c>write_files</c>, see
/// <see cref="KubernetesSecretFiles"/>.
/// </summary>
internal sealed class KubernetesSettingsReader(KubernetesSecretFiles files, string? nodeName)
{
    private const int WidestServicePrefix = 12; // kube-apiserver takes at most 20 bits of addresses
    private const int WidestPodPrefix = 8;
    private const int NarrowestPrefix = 28;
    private const int MostNodeBits = 16; // kube-controller-manager counts at most 2^16 nodes

    /// <summary>This machine, its link and groups of machines (RFC 6890), and what is reserved (RFC 1112).</summary>
    private static readonly IPNetwork[] _special =
        [
            IPNetwork.Parse("0.0.0.0/8"),
            IPNetwork.Parse("127.0.0.0/8"),
            IPNetwork.Parse("169.254.0.0/16"),
            IPNetwork.Parse("224.0.0.0/3"),
        ];

    public KubernetesSettings Read(MappingReader node)
    {
        MappingReader kubernetes =
            (node.OptionalMapping("kubernetes") ?? new MappingReader(node.Mapping.WithoutEntries())).WithOnly(
            "podCidr",
            "nodeCidrMaskSize",
            "serviceCidr",
            "clusterDns",
            "clusterDomain",
            "dns",
            "network",
            "kubeProxy",
            "endpoint",
            "vip",
            "apiNames",
            "hostname",
            "taints",
            "forgetAfter",
            "ecrCredentials", "token", "tokens", "serviceAccountKeys", "encryptionKeys");
        IPNetwork pods = ReadNetwork(kubernetes, "podCidr", WidestPodPrefix, KubernetesSettings.DefaultPodCidr);
        IPNetwork services = ReadNetwork(
            kubernetes, "serviceCidr", WidestServicePrefix, KubernetesSettings.DefaultServiceCidr);
        PodNetwork mode =
            kubernetes.OptionalNode("network") is { } network ? ReadPodNetwork(network) : PodNetwork.Routed;
        RefuseOverlap(kubernetes, pods, services, mode);
        KubernetesSettings settings = new()
        {
            PodCidr = pods,
            NodeCidrMaskSize = ReadNodeMask(kubernetes, pods),
            ServiceCidr = services,
            ClusterDns = ReadClusterDns(kubernetes, services),
            ClusterDomain = kubernetes.OptionalNode("clusterDomain") is { } domain
                ? MetadataForms.Name(domain, "clusterDomain")
                : KubernetesSettings.DefaultClusterDomain,
            Dns = kubernetes.OptionalNode("dns") is { } dns ? ReadDns(dns) : ClusterDnsServer.Node,
            Network = mode,
            HasKubeProxy = kubernetes.OptionalNode("kubeProxy") is not { } proxy || ReadKubeProxy(proxy),
            NodeName = kubernetes.OptionalNode("hostname") is { } hostname
                ? MetadataForms.HostName(hostname, "hostname")
                : nodeName,
            EcrCredentials = kubernetes.OptionalBoolean("ecrCredentials"),
            Taints = ReadTaints(kubernetes),
            ForgetAfter = kubernetes.OptionalText("forgetAfter") is { } after
                ? ReadForgetAfter(kubernetes, after)
                : null,
            Token = kubernetes.OptionalNode("token") is { } token ? ReadToken(token) : files.Token(node.Mapping),
            Tokens = kubernetes.Has("tokens") ? ReadTokens(kubernetes) : files.Tokens(node.Mapping),
            ServiceAccountKeys = kubernetes.Has("serviceAccountKeys")
                ? ReadServiceAccountKeys(kubernetes)
                : files.ServiceAccountKeys(node.Mapping),
            EncryptionKeys =
                kubernetes.Has("encryptionKeys") ? ReadEncryptionKeys(kubernetes) : files.EncryptionKeys(node.Mapping),
        };
        return VirtualAddressesReader.Read(kubernetes, settings);
    }

    private static IPNetwork ReadNetwork(MappingReader kubernetes, string key, int widest, IPNetwork fallback)
    {
        if (kubernetes.OptionalText(key) is not { } text)
        {
            return fallback;
        }

        IPNetwork network = Ipv4Networks.TryParse(text)
            ?? throw kubernetes.Error(
                key,
                $"'{key}' cannot be {ShownText.Quote(text)}.",
                "Write an IPv4 network by its base address, such as 10.200.0.0/16.");
        if (network.PrefixLength < widest || network.PrefixLength > NarrowestPrefix)
        {
            throw kubernetes.Error(
                key,
                $"'{key}' cannot be /{network.PrefixLength}.",
                $"Give it a prefix length from {widest} to {NarrowestPrefix}.");
        }

        foreach (IPNetwork special in _special.Where(special => special.Overlaps(network)))
        {
            throw kubernetes.Error(
                key,
                $"'{key}' cannot be {network}: addresses of {special} have a meaning of their own.",
                "Write a private network, such as 10.200.0.0/16.");
        }

        return network;
    }

    private static void RefuseOverlap(MappingReader kubernetes, IPNetwork pods, IPNetwork services, PodNetwork mode)
    {
        foreach ((string key, IPNetwork network) in new[] { ("podCidr", pods), ("serviceCidr", services) })
        {
            if (mode == PodNetwork.Overlay && network.Overlaps(KubernetesSettings.OverlayAddresses))
            {
                throw kubernetes.Error(
                    key,
                    $"'{key}' cannot be {network}: the overlay gives machines addresses of "
                        + $"{KubernetesSettings.OverlayAddresses}.",
                    "Choose another network, or write network: routed.");
            }
        }

        if (pods.Overlaps(services))
        {
            throw kubernetes.Error(
                kubernetes.Has("serviceCidr") ? "serviceCidr" : "podCidr",
                $"The pods' network {pods} and the Services' network {services} "
                    + "overlap.", "Choose two that share no address.");
        }
    }

    private static int ReadNodeMask(MappingReader kubernetes, IPNetwork pods)
    {
        int narrowest = Math.Min(NarrowestPrefix, pods.PrefixLength + MostNodeBits);
        int size = kubernetes.OptionalInteger("nodeCidrMaskSize", 0, 32)
            ?? Math.Clamp(KubernetesSettings.DefaultNodeCidrMaskSize, pods.PrefixLength, narrowest);
        return size >= pods.PrefixLength && size <= narrowest
            ? size
            : throw kubernetes.Error(
                "nodeCidrMaskSize",
                $"'nodeCidrMaskSize' cannot be {size} with the pods' network {pods}.",
                $"Write a number from {pods.PrefixLength} to {narrowest}.");
    }

    private static IPAddress ReadClusterDns(MappingReader kubernetes, IPNetwork services)
    {
        if (kubernetes.OptionalNode("clusterDns") is not { } node)
        {
            return KubernetesSettings.DefaultClusterDnsOf(services);
        }

        IPAddress address = MetadataForms.Address(node, "clusterDns");
        return services.Contains(address)
            && !address.Equals(services.BaseAddress)
            && !address.Equals(services.AddressAt(1))
            && !address.Equals(services.LastAddress())
            ? address
            : throw node.Error(
                $"'clusterDns' cannot be {address}: it is no free address of the Services' network {services}.",
                "Write one of it other than the first two and the last, or leave the key out: "
                    + $"{KubernetesSettings.DefaultClusterDnsOf(services)}.");
    }

    private static ClusterDnsServer ReadDns(YamlNode node) => MappingReader.Text(node, "dns") switch
    {
        "node" => ClusterDnsServer.Node,
        "none" => ClusterDnsServer.None,
        string other =>
            throw node.Error(
                $"'dns' cannot be {ShownText.Quote(other)}.", "Write node, or none for a DNS add-on of yours."),
    };

    private static PodNetwork ReadPodNetwork(YamlNode node) => MappingReader.Text(node, "network") switch
    {
        "routed" => PodNetwork.Routed,
        "overlay" => PodNetwork.Overlay,
        "cni" => PodNetwork.Cni,
        string other => throw node.Error(
            $"The network mode {ShownText.Quote(other)} is unknown.", "Write routed, overlay or cni."),
    };

    private static bool ReadKubeProxy(YamlNode node) => MappingReader.Text(node, "kubeProxy") switch
    {
        "node" => true,
        "none" => false,
        string other => throw node.Error(
            $"'kubeProxy' cannot be {ShownText.Quote(other)}.",
            "Write node, or none where an add-on of yours makes Services' addresses."),
    };

    private static List<NodeTaint> ReadTaints(MappingReader kubernetes)
    {
        List<NodeTaint> taints = [];
        foreach (YamlNode item in kubernetes.Sequence("taints"))
        {
            string text = MappingReader.Text(item, "taints");
            NodeTaint taint = NodeTaint.TryParse(text) ?? throw item.Error(
                $"{ShownText.Quote(text)} is no taint.",
                "Write key=value:NoSchedule, or NoExecute or PreferNoSchedule at the end.");
            taints.Add(taints.Any(other => other.Key == taint.Key && other.Effect == taint.Effect)
                ? throw item.Error($"The taint '{taint.Key}:{taint.Effect}' stands twice.", "Remove one.")
                : taint);
        }

        return taints;
    }

    /// <summary>
    /// A machine that is repaired or moved is away for hours, and its Node's pods and volumes with it.
    /// </summary>
    private static TimeSpan ReadForgetAfter(MappingReader kubernetes, string text) =>
        ValidityPeriod.TryParse(text) is { TotalHours: >= 24 } period
            ? period
            : throw kubernetes.Error(
                "forgetAfter", $"'forgetAfter' cannot be {ShownText.Quote(text)}.",
                "Write at least a day, as 24h or 7d, or leave the key out: no Node is deleted.");

    private static BootstrapToken ReadToken(YamlNode node) =>
        BootstrapToken.TryParse(MappingReader.Text(node, "token"))
            ?? throw node.Error("This is no bootstrap token.", KubernetesSecretFiles.TokenForm);

    private static List<BootstrapToken> ReadTokens(MappingReader kubernetes)
    {
        List<BootstrapToken> tokens = [];
        foreach (YamlNode item in kubernetes.RequiredSequence("tokens"))
        {
            MappingReader reader = new MappingReader(item).WithOnly("id", "secret", "expires", "group");
            BootstrapToken token = new()
            {
                Id = MetadataForms.MatchingUnseen(
                    reader.RequiredNode("id"), "id", BootstrapToken.IdForm(), "six lower-case letters and digits"),
                Secret = BootstrapToken.SecretForm().IsMatch(reader.RequiredText("secret"))
                    ? new Secret(reader.RequiredText("secret"))
                    : throw reader.Error(
                        "secret",
                        "This is no secret of a bootstrap token.",
                        "Write sixteen lower-case letters and digits."),
                Expires = reader.OptionalText("expires") is { } expires
                    ? BootstrapToken.TryParseExpiry(expires) ?? throw reader.Error(
                        "expires", "'expires' is no moment.", "Write a moment such as 2027-01-31T12:00:00Z.")
                    : null,
                Group = reader.OptionalNode("group") is { } group
                    ? MetadataForms.MatchingUnseen(
                        group, "group", MetadataForms.DnsLabel(), "a lower-case DNS label such as worker")
                    : BootstrapToken.DefaultGroup,
            };
            tokens.Add(
                tokens.Any(other => other.Id == token.Id)
                    ? throw reader.Error("id", $"The token '{token.Id}' stands twice.", "Remove one.")
                    : token);
        }

        return tokens;
    }

    private static IReadOnlyList<ServiceAccountKey> ReadServiceAccountKeys(MappingReader kubernetes)
    {
        IReadOnlyList<YamlNode> items = kubernetes.RequiredSequence("serviceAccountKeys");
        ServiceAccountKey[] keys =
        [
            .. items.Select(item => ServiceAccountKey.TryParse(MappingReader.Text(item, "serviceAccountKeys"))
                ?? throw item.Error(
                    "This is no key for ServiceAccounts.",
                    "Paste a PEM key as a block ('|'): ECDSA, or RSA of at least 2048 bits, unencrypted.")),
        ];
        return keys[0].Private is not null
            ? keys
            : throw items[0].Error("The first key must sign, and this one is public only.", "Put a private key first.");
    }

    private static List<EncryptionKey> ReadEncryptionKeys(MappingReader kubernetes)
    {
        List<EncryptionKey> keys = [];
        foreach (YamlNode item in kubernetes.RequiredSequence("encryptionKeys"))
        {
            MappingReader reader = new MappingReader(item).WithOnly("name", "secret");
            EncryptionKey key = new()
            {
                Name = MetadataForms.MatchingUnseen(
                    reader.RequiredNode("name"),
                    "name",
                    MetadataForms.DnsLabel(),
                    "a lower-case DNS label such as key1"),
                Secret = EncryptionKey.IsSecret(reader.RequiredText("secret"))
                    ? new Secret(reader.RequiredText("secret"))
                    : throw reader.Error(
                        "secret", "This is no encryption key.", KubernetesSecretFiles.EncryptionKeyForm),
            };
            keys.Add(
                keys.Any(other => other.Name == key.Name)
                    ? throw reader.Error(
                        "name", $"The encryption key '{key.Name}' stands twice.", "Give each a name of its own.")
                    : key);
        }

        return keys;
    }
}
