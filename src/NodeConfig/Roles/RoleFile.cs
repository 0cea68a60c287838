using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Roles;

/// <summary>
/// Reads <c>roles/&lt;role&gt;.yaml</c>. Unknown keys and values out of range are errors with line and column.
/// </summary>
public static partial class RoleFile
{
    public static RoleDefinition Parse(string text, string sourceName)
    {
        MappingReader reader = StrictYaml.ParseMapping(text, sourceName);
        RoleDefinition role = new()
        {
            Role = Matching(reader, "role", DnsLabel(), "a lower-case name such as etcd"),
            Dns = Matching(reader, "dns", DnsLabel(), "a lower-case DNS label such as masters"),
            Aliases =
            [
                .. reader.Sequence("aliases").Select(
                    alias => Matching(alias, "aliases", DnsLabel(), "lower-case DNS labels")),
            ],
            Components =
            [
                .. reader.Sequence("components").Select(
                    name => Matching(name, "components", DnsLabel(), "lower-case names such as kubernetes")),
            ],
            ContainerImages =
                [.. reader.Sequence("containerImages").Select(name => MappingReader.Text(name, "containerImages"))],
            Secrets = reader.OptionalMapping("secrets") is { } secrets ? ReadSecrets(secrets) : null,
            Minimum = reader.OptionalMapping("minimum") is { } minimum ? ReadMinimum(minimum) : null,
            Ports = [.. reader.Sequence("ports").Select(ReadPort)],
            Data =
            [
                .. reader.Sequence("data").Select(
                    path => Matching(path, "data", AbsolutePath(), "absolute paths without '..'")),
            ],
            Services =
                [.. reader.RequiredSequence("services").Select(service => ReadService(new MappingReader(service)))],
        };
        reader.RejectUnknownKeys();
        RefuseRepeatedUnit(reader, role);
        RefuseRangeWithoutComponent(reader, role);
        return role;
    }

    private static RoleSecrets ReadSecrets(MappingReader reader)
    {
        RoleSecrets secrets = new()
        {
            Signs = [.. reader.Sequence("signs").Select(name => Word(name, "signs", AuthorityNames.All))],
            Trusts = [.. reader.Sequence("trusts").Select(name => Word(name, "trusts", AuthorityNames.All))],
            RunsControlPlane = reader.OptionalBoolean("controlPlane") ?? false,
            JoinsByToken = reader.OptionalBoolean("token") ?? false,
            IsRequired = reader.OptionalBoolean("required") ?? true,
        };
        reader.RejectUnknownKeys();
        return secrets;
    }

    private static RoleMinimum ReadMinimum(MappingReader reader)
    {
        RoleMinimum minimum = new()
        {
            Cpus = reader.Integer("cpus", 1, 1024),
            MemoryBytes = reader.Bytes("memory"),
            DiskBytes = reader.Bytes("disk"),
        };
        reader.RejectUnknownKeys();
        return minimum;
    }

    private static RolePort ReadPort(YamlNode node)
    {
        Match match = Port().Match(MappingReader.Text(node, "ports"));
        return match.Success && int.Parse(match.Groups[1].ValueSpan) is >= 1 and <= 65535 and int number
            ? new RolePort { Number = number, Protocol = match.Groups[2].Value }
            : throw node.Error("This is no port.", "Write for example 2379/tcp.");
    }

    private static RoleService ReadService(MappingReader reader)
    {
        RoleService service = new()
        {
            Unit = Matching(reader, "unit", Unit(), "a systemd unit such as etcd.service"),
            When = reader.OptionalNode("when") is { } when ? Word(when, "when", RoleConditions.Words) : null,
            Kernel = [.. reader.MappingList("kernel").Select(ReadKernelNeed)],
            Waits = [.. reader.MappingList("waits").Select(ReadWait)],
            Needs =
            [
                .. reader.Sequence("needs").Select(
                    path => Matching(path, "needs", AbsolutePath(), "absolute paths without '..'")),
            ],
            Answers = [.. reader.MappingList("answers").Select(ReadAnswer)],
            Certificates =
            [
                .. reader.Sequence("certificates").Select(
                    name => Matching(name, "certificates", DnsLabel(), "lower-case names such as etcd-peer")),
            ],
            Values = [.. reader.Sequence("values").Select(name => Word(name, "values", ServiceValues.Names))],
            Files = [.. reader.MappingList("files").Select(ReadFile)],
            Ready = reader.OptionalNode("ready") is { } ready ? ReadReady(ready) : null,
            Lease = reader.OptionalNode("lease") is { } lease
                ? Matching(lease, "lease", DnsLabel(), "the name of a Lease such as kube-scheduler")
                : null,
            RestartOnClockJump = reader.OptionalBoolean("restartOnClockJump") ?? false,
            OnPeers = [.. reader.MappingList("onPeers").Select(ReadServicePeers)],
        };
        reader.RejectUnknownKeys();
        RefuseAppendedToNothing(reader, service);
        RefuseLeaseOfNobody(reader, service);
        RefuseEtcdThatFollows(reader, service);
        return service;
    }

    private static KernelNeed ReadKernelNeed(MappingReader reader)
    {
        KernelNeed need = new()
        {
            Module = Matching(reader, "module", ModuleName(), "a module's name such as br_netfilter"),
            Filesystem = reader.OptionalNode("filesystem") is { } filesystem
                ? Matching(filesystem, "filesystem", ModuleName(), "a file system's name such as overlay")
                : null,
            Path = reader.OptionalNode("path") is { } path
                ? Matching(path, "path", AbsolutePath(), "an absolute path without '..'")
                : null,
        };
        reader.RejectUnknownKeys();
        return (need.Filesystem is null) != (need.Path is null)
            ? need
            : throw reader.Mapping.Error("It shows by one of 'filesystem' and 'path'.", "Write one of them.");
    }

    private static ServiceWait ReadWait(MappingReader reader)
    {
        ServiceWait wait = new()
        {
            Peers = Matching(reader, "peers", DnsLabel(), "the name of a role"),
            All = reader.OptionalBoolean("all") ?? false,
        };
        reader.RejectUnknownKeys();
        return wait;
    }

    private static ServicePeers ReadServicePeers(MappingReader reader)
    {
        ServicePeers peers = new()
        {
            Peers = Matching(reader, "peers", DnsLabel(), "the name of a role"),
            Do = Word(reader.RequiredNode("do"), "do", [ServicePeers.Reload, ServicePeers.Restart, ServicePeers.Fill]),
        };
        reader.RejectUnknownKeys();
        return peers;
    }

    private static ServiceAnswer ReadAnswer(MappingReader reader)
    {
        ServiceAnswer answer = new()
        {
            Url = Matching(reader, "url", AnswerUrl(), "an https URL, in which {{values}} may stand"),
            Authority = Matching(reader, "authority", DnsLabel(), "the name of an authority such as kubernetes"),
            Certificate = reader.OptionalNode("certificate") is { } certificate
                ? Matching(certificate, "certificate", DnsLabel(), "one of the service's certificates")
                : null,
        };
        reader.RejectUnknownKeys();
        return answer;
    }

    private static ServiceReady ReadReady(YamlNode node)
    {
        if (node is YamlScalar)
        {
            return new ServiceReady { Url = Matching(node, "ready", HttpUrl(), "an http or https URL") };
        }

        MappingReader reader = new(node);
        ServiceReady ready = new()
        {
            Url = Matching(reader, "url", HttpsUrl(), "an https URL, for a certificate is shown to it"),
            Authority = Matching(reader, "authority", DnsLabel(), "the name of an authority such as kubernetes"),
            Certificate = Matching(reader, "certificate", DnsLabel(), "one of the service's certificates"),
        };
        reader.RejectUnknownKeys();
        return ready;
    }

    private static ServiceFile ReadFile(MappingReader reader)
    {
        ServiceFile file = new()
        {
            Path = Matching(reader, "path", AbsolutePath(), "an absolute path without '..'"),
            Template = Matching(
                reader, "template", TemplateName(), "a file name under templates/, or another role's as role/name"),
            Versions = reader.OptionalNode("versions") is { } versions ? ReadRange(versions) : null,
            When = reader.OptionalNode("when") is { } when
                ? Word(when, "when", [ServiceFile.WhenPodCidr, .. RoleConditions.Words])
                : null,
            Append = reader.OptionalBoolean("append") ?? false,
            Mode = reader.OptionalNode("mode") is { } mode
                ? Matching(mode, "mode", OctalMode(), "four octal digits such as 0640")
                : ServiceFile.DefaultMode,
            Owner = reader.OptionalNode("owner") is { } owner
                ? Matching(owner, "owner", UserAndGroup(), "user:group such as root:etcd")
                : ServiceFile.DefaultOwner,
        };
        reader.RejectUnknownKeys();
        RefuseAppendedThatIsNot(reader, file);
        return file;
    }

    private static void RefuseAppendedThatIsNot(MappingReader reader, ServiceFile file)
    {
        string? alone = file.When == ServiceFile.WhenPodCidr ? "when"
            : reader.Has("mode") ? "mode"
            : reader.Has("owner") ? "owner"
            : null;
        if (file.Append && alone is not null)
        {
            throw reader.Error(
                alone,
                $"What is added to a file has no '{alone}' of its own.",
                "Say it of the file that it is added to.");
        }
    }

    private static void RefuseAppendedToNothing(MappingReader reader, RoleService service)
    {
        for (int index = 0; index < service.Files.Count; index++)
        {
            ServiceFile file = service.Files[index];
            bool hasWhole = service.Files.Take(index).Any(
                before => before is { Append: false, When: null, Versions: null } && before.Path == file.Path);
            if (file.Append && !hasWhole)
            {
                throw reader.Sequence("files")[index].Error(
                    $"There is no file {file.Path} before this to add to.",
                    "List it first, without 'when', 'versions' and 'append'.");
            }
        }
    }

    private static void RefuseLeaseOfNobody(MappingReader reader, RoleService service)
    {
        if (service is { Lease: not null, Ready: not { Certificate: not null, Authority: not null } })
        {
            throw reader.Error(
                "lease",
                "A lease is given back with the certificate that 'ready' names, and it names none.",
                "Write 'ready: { url: …, authority: …, certificate: … }'.");
        }
    }

    private static void RefuseEtcdThatFollows(MappingReader reader, RoleService service)
    {
        if (service.OnPeers.Count > 0 && service.StartsAsEtcd())
        {
            throw reader.Error(
                "onPeers",
                "Values of etcd's start are of that start: files that hold them are not written anew while it runs.",
                "Remove 'onPeers', or what is etcd's from 'values'.");
        }
    }

    private static VersionRange ReadRange(YamlNode node)
    {
        string text = MappingReader.Text(node, "versions");
        return VersionRange.TryParse(text)
            ?? throw node.Error(
                $"'{text}' is no range of versions.", "Write \"<1.27\", \">=1.24\" or \">=1.24 <1.27\", quoted.");
    }

    private static void RefuseRangeWithoutComponent(MappingReader reader, RoleDefinition role)
    {
        if (role.Components.Count != 1
            && role.Services.Any(service => service.Files.Any(file => file.Versions is not null)))
        {
            throw reader.Error(
                "components",
                "'versions' of a file speaks of the role's one component, and the role does not have one.",
                "Write 'components: [kubernetes]'.");
        }
    }

    private static void RefuseRepeatedUnit(MappingReader reader, RoleDefinition role)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int index = 0; index < role.Services.Count; index++)
        {
            if (!seen.Add(role.Services[index].Unit))
            {
                throw reader.Sequence("services")[index].Error(
                    $"The unit '{role.Services[index].Unit}' stands twice.", "Keep one entry a unit.");
            }
        }
    }

    private static string Matching(MappingReader reader, string key, Regex form, string expected) =>
        Matching(reader.RequiredNode(key), key, form, expected);

    private static string Word(YamlNode node, string key, IReadOnlyList<string> words)
    {
        string text = MappingReader.Text(node, key);
        return words.Contains(text, StringComparer.Ordinal)
            ? text
            : throw node.Error($"'{key}' cannot be '{text}'.", $"Write one of: {string.Join(", ", words)}.");
    }

    private static string Matching(YamlNode node, string key, Regex form, string expected)
    {
        string text = MappingReader.Text(node, key);
        return form.IsMatch(text) ? text : throw node.Error($"'{key}' cannot be '{text}'.", $"Write {expected}.");
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"\A([0-9]{1,5})/(tcp|udp)\z")]
    private static partial Regex Port();

    [GeneratedRegex(@"\A[A-Za-z0-9:_.@-]+\.(service|socket|timer|target)\z")]
    private static partial Regex Unit();

    [GeneratedRegex(@"\Ahttps?://[A-Za-z0-9.:\[\]-]+(/[^\s]*)?\z")]
    private static partial Regex HttpUrl();

    [GeneratedRegex(@"\Ahttps://[A-Za-z0-9.:\[\]-]+(/[^\s]*)?\z")]
    private static partial Regex HttpsUrl();

    [GeneratedRegex(@"\A(/(?!\.{1,2}(/|\z))[A-Za-z0-9._@+-]+)+\z")]
    private static partial Regex AbsolutePath();

    [GeneratedRegex(@"\Ahttps://[A-Za-z0-9.:{}-]+(/[^\s]*)?\z|\A\{\{[A-Za-z0-9.-]+\}\}(/[^\s]*)?\z")]
    private static partial Regex AnswerUrl();

    [GeneratedRegex(@"\A([a-z0-9-]+/)?[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex TemplateName();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]*\z")]
    private static partial Regex ModuleName();

    [GeneratedRegex(@"\A[0-7]{4}\z")]
    private static partial Regex OctalMode();

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]*:[a-z_][a-z0-9_-]*\z")]
    private static partial Regex UserAndGroup();
}
