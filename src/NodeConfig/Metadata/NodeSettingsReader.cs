using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Reads the key <c>node:</c> and joins it with a sysconfig file, if there is one.</summary>
internal sealed class NodeSettingsReader(
    IReadOnlyList<RoleDefinition> knownRoles, IReadOnlyList<LeftOutRole> leftOut, SysconfigRole? sysconfig)
{
    private const string Etcd = "etcd";
    private const string Snapshots = "snapshots";
    private const string Single = "single";
    private const string Strict = "strict";
    private const string ValidityKey = "certificateValidityPeriod";
    private const int LargestEtcd = 9;
    private const int MostSnapshots = 1000;

    public NodeSettings Read(MappingReader userData, IReadOnlyList<WriteFile> files)
    {
        MappingReader? node = userData.OptionalMapping("node")?.WithOnly(
            "cluster", "domain", "role", "roles", Single, "hosts", "address", "labels",
            Etcd, LbSettingsReader.Key, "kubernetes", "pki", ValidityKey, Strict);
        if (node is null && sysconfig is null)
        {
            throw NoNode(userData);
        }

        node ??= new MappingReader(
            new YamlMapping(userData.Mapping.SourceName, userData.Mapping.Line, userData.Mapping.Column, []));
        IReadOnlyList<string> roles = ReadRoles(node);
        RoleDefinition[] definitions = [.. roles.Select(name => knownRoles.First(role => role.Role == name))];
        NodeSettings settings = new()
        {
            Cluster = ReadCluster(node),
            Domain = ReadDomain(node),
            Roles = roles,
            RunsKubernetes = definitions.Any(role => role.IsOfKubernetes),
            IsSingle = node.OptionalBoolean(Single) ?? false,
            IsStrict = node.OptionalBoolean(Strict) ?? false,
            Hosts = HostsReader.Read(node),
            Address = node.OptionalNode("address") is { } address ? MetadataForms.Address(address, "address") : null,
            Labels = LabelsReader.Read(node),
            Etcd = ReadEtcd(node, roles),
            Lb = LbSettingsReader.Read(node),
            Kubernetes = new KubernetesSettingsReader(new KubernetesSecretFiles(files), sysconfig?.Hostname).Read(node),
            CertificateValidityPeriod = node.OptionalNode(ValidityKey) is { } validity ? ReadValidity(validity) : null,
            Secrets = new ClusterSecretsReader(files).Read(node),
        };
        RefuseSingleOfOthers(node, settings);
        HostsReader.RefuseNamesOfSingle(node, settings);
        RefuseAddressWithin(node, settings);
        RefuseRolesThatClash(node, definitions);
        RefuseVirtualAddresses(node, settings);
        LbSettingsCheck.Run(node, settings);
        SecretsCheck.RequireAll(node, settings, definitions);
        return settings with { Warnings = [.. SecretsCheck.Superfluous(settings, definitions)] };
    }

    private static ConfigurationException NoNode(MappingReader userData)
    {
        if (userData.Mapping.Find("node") is { } empty)
        {
            return empty.Key.Error(
                "The key 'node' has no value, so this machine has no role.",
                "Write cluster and roles below it, each with blanks before it.");
        }

        YamlScalar? similar = userData.Mapping.Entries
            .Select(entry => entry.Key)
            .FirstOrDefault(key => key.Value.Trim().Equals("node", StringComparison.OrdinalIgnoreCase));
        return similar is null
            ? userData.Error(
                "node",
                "The key 'node' is missing, so this machine has no role.",
                "Add 'node:' with cluster and roles.")
            : similar.Error(
                $"The key is 'node', not '{similar.Value}', so this machine has no role.",
                "Write 'node:', in lower case and without blanks around it.");
    }

    private IReadOnlyList<string> ReadRoles(MappingReader node)
    {
        if (node.OptionalNode("role") is { } single)
        {
            return node.OptionalNode("roles") is { } both
                ? throw both.Error("'role' and 'roles' stand together.", "Keep 'roles'.")
                : [Known(single)];
        }

        if (node.OptionalNode("roles") is { } list)
        {
            List<string> roles = [];
            foreach (YamlNode item in node.RequiredSequence("roles"))
            {
                string role = Known(item);
                if (roles.Contains(role, StringComparer.Ordinal))
                {
                    throw item.Error($"The role '{role}' stands twice.", "Remove one.");
                }

                roles.Add(role);
            }

            return roles;
        }

        if (sysconfig is null)
        {
            throw node.Mapping.Error(
                "The machine has no role: 'roles' is missing.", $"Add 'roles: [ … ]'. {KnownRoles()}");
        }

        string? unknown = sysconfig.Roles.FirstOrDefault(role => !IsKnown(role));
        return unknown is null
            ? sysconfig.Roles
            : throw Refusal(
                node.Mapping,
                unknown,
                $"{sysconfig.Path} chooses the role '{unknown}', which this image does not have.");
    }

    private string Known(YamlNode node)
    {
        string role = MappingReader.Text(node, "roles");
        return IsKnown(role)
            ? role
            : throw Refusal(node, role, $"The role {ShownText.Quote(role)} is unknown.");
    }

    private bool IsKnown(string role) => knownRoles.Any(known => known.Role == role);

    private ConfigurationException Refusal(YamlNode node, string role, string problem) =>
        leftOut.FirstOrDefault(candidate => candidate.Role == role) is { } known
            ? node.Error(
                $"The role '{role}' needs {string.Join(" and ", known.Components)}, which this image does not hold.",
                $"Boot an image that was baked with it. {KnownRoles()}")
            : node.Error(problem, KnownRoles());

    private string KnownRoles() =>
        "Roles of this image: "
            + $"{string.Join(", ", knownRoles.Select(role => role.Role).Order(StringComparer.Ordinal))}.";

    private string ReadCluster(MappingReader node)
    {
        if (node.OptionalNode("cluster") is { } given)
        {
            return MetadataForms.Label(given, "cluster");
        }

        if (sysconfig is null)
        {
            _ = node.RequiredText("cluster");
        }

        return sysconfig?.Cluster is { } cluster && MetadataForms.DnsLabel().IsMatch(cluster)
            ? cluster
            : throw node.Mapping.Error(
                $"{sysconfig?.Path} has no usable CLUSTER_NAME.", "Add CLUSTER_NAME=<lower-case DNS label>.");
    }

    private string ReadDomain(MappingReader node)
    {
        if (node.OptionalNode("domain") is { } given)
        {
            return MetadataForms.Name(given, "domain");
        }

        string domain = sysconfig?.Domain ?? NodeSettings.DefaultDomain;
        return MetadataForms.DnsName().IsMatch(domain)
            ? domain
            : throw node.Mapping.Error(
                $"{sysconfig?.Path} has the CLUSTER_DOMAIN {ShownText.Quote(domain)}.", "Write a lower-case DNS name.");
    }

    private EtcdSettings? ReadEtcd(MappingReader node, IReadOnlyList<string> roles)
    {
        MappingReader? etcd = node.OptionalMapping(Etcd)?.WithOnly("size", Snapshots);
        if (etcd is null && !roles.Contains(Etcd, StringComparer.Ordinal))
        {
            return null;
        }

        if (etcd is null)
        {
            return sysconfig?.EtcdSize is { } text && int.TryParse(text, out int number) && IsPossible(number)
                ? new EtcdSettings(number)
                : throw node.Mapping.Error(
                    "The role etcd needs 'etcd.size', the number of members.", "Add 'etcd: { size: 3 }'.");
        }

        int size = etcd.Integer("size", 1, LargestEtcd);
        return IsPossible(size)
            ? new EtcdSettings(size) { Snapshots = ReadSnapshots(etcd) }
            : throw etcd.Error(
                "size",
                $"'size' cannot be {size}: an even number bears no more failures than the odd one below.",
                "Write 1, 3, 5, 7 or 9.");
    }

    private static EtcdSnapshotSettings ReadSnapshots(MappingReader etcd)
    {
        EtcdSnapshotSettings usual = new();
        if (etcd.OptionalMapping(Snapshots)?.WithOnly("every", "keep", "maxBytes") is not { } snapshots)
        {
            return usual;
        }

        string? every = snapshots.OptionalText("every");
        TimeSpan? period = every is null ? usual.Every : ValidityPeriod.TryParse(every);
        return new EtcdSnapshotSettings
        {
            Every = period >= EtcdSnapshotSettings.ShortestEvery ? period.Value : throw snapshots.Error(
                "every", $"'every' cannot be {ShownText.Quote(every!)}.",
                "Write at least ten minutes and at most ten years, as 30m, 6h or 1d."),
            Keep = snapshots.OptionalInteger("keep", 0, MostSnapshots) ?? usual.Keep,
            MaxBytes = snapshots.Has("maxBytes") ? snapshots.Bytes("maxBytes") : null,
        };
    }

    /// <summary>
    /// The agent looks once a minute, kubelets renew when four fifths are over: less than an hour leaves too little for
    /// either.
    /// </summary>
    private static TimeSpan ReadValidity(YamlNode node)
    {
        string text = MappingReader.Text(node, ValidityKey);
        return ValidityPeriod.TryParse(text) is { TotalHours: >= 1 } validity
            ? validity
            : throw node.Error(
                $"'{ValidityKey}' cannot be {ShownText.Quote(text)}.",
                "Write at least an hour and at most ten years, as 12h or 365d.");
    }

    private static bool IsPossible(int size) => size is >= 1 and <= LargestEtcd && size % 2 == 1;

    private static void RefuseSingleOfOthers(MappingReader node, NodeSettings settings)
    {
        IEnumerable<string> roles = settings.Roles.Order(StringComparer.Ordinal);
        if (settings.IsSingle && !roles.SequenceEqual(NodeSettings.RolesOfSingle, StringComparer.Ordinal))
        {
            string place = node.Has("roles") ? "roles" : node.Has("role") ? "role" : Single;
            throw node.Error(
                place,
                "A machine that is the whole cluster ('single') has each of its roles and no other.",
                $"Write 'roles: [{string.Join(", ", NodeSettings.RolesOfSingle)}]', or remove 'single'.");
        }

        if (settings is { IsSingle: true, Etcd.Size: not 1 })
        {
            throw (node.OptionalMapping(Etcd)?.OptionalNode("size") ?? node.RequiredNode(Single)).Error(
                $"A machine that is the whole cluster ('single') is one member of etcd, "
                + $"not one of {settings.Etcd.Size}.",
                "Write 'etcd: { size: 1 }', or remove 'single'.");
        }
    }

    /// <summary>Two roles that listen on one port, or show a token each, cannot be on one machine.</summary>
    private static void RefuseRolesThatClash(MappingReader node, IReadOnlyList<RoleDefinition> roles)
    {
        foreach ((RoleDefinition one, RoleDefinition other) in roles
            .SelectMany((one, index) => roles.Skip(index + 1).Select(other => (one, other))))
        {
            if (one.Ports.Intersect(other.Ports).FirstOrDefault() is { } port)
            {
                throw node.Error(
                    "roles",
                    $"A machine cannot be {one.Role} and {other.Role}: "
                        + $"both listen on port {port.Number}/{port.Protocol}.",
                    "Give each role a machine of its own.");
            }

            if (one.Secrets is { JoinsByToken: true } && other.Secrets is { JoinsByToken: true })
            {
                throw node.Error(
                    "roles",
                    $"A machine cannot be {one.Role} and {other.Role}: "
                        + "each is known to the masters by a token of its own.",
                    "Give each role a machine of its own.");
            }
        }
    }

    /// <summary>An address that moves cannot be the machine's own.</summary>
    private static void RefuseVirtualAddresses(MappingReader node, NodeSettings settings)
    {
        if (settings.Address is { } own && settings.Kubernetes.Vip.All.FirstOrDefault(own.Equals) is not null)
        {
            throw node.Error(
                "address",
                $"The machine's address {own} is a virtual address of the cluster, which moves between machines.",
                "Write the machine's own address.");
        }

        if (settings is { IsSingle: true } && settings.Kubernetes.Vip.All.Any())
        {
            throw node.OptionalMapping("kubernetes")!.RequiredNode("vip").Error(
                "A machine that is the whole cluster ('single') has nobody to share an address with.",
                "Remove 'vip', or 'single'.");
        }
    }

    private static void RefuseAddressWithin(MappingReader node, NodeSettings settings)
    {
        if (settings.RunsKubernetes
            && settings.Address is { } address
            && settings.Kubernetes.NetworkThatHolds(address) is { } network)
        {
            throw node.Error(
                "address",
                $"The machine's address {address} lies within {network}.",
                "Choose other networks for pods and Services in node.kubernetes.");
        }
    }
}
