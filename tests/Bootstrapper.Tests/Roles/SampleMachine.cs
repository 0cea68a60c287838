using System.Security.Cryptography;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Prepare;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>A machine of the product's own roles/ folder, with an image of some version of Kubernetes and metadata with fresh secrets.</summary>
internal sealed class SampleMachine
{
    public const string EncryptionSecret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    public const string TokenSecret = "0123456789abcdef";

    public SampleMachine(IReadOnlyList<string> roles, string kubernetes, string address = "10.0.0.21", string dns = "node", LauncherWords? launcher = null, string more = "", string kubernetesMore = "", bool isOnEc2 = false)
    {
        CompiledRoles compiled = CompiledRoles.Of(
            Directory.EnumerateFiles(RolesFolder, "*.yaml").Select(file => RoleFile.Parse(File.ReadAllText(file), file)),
            new Dictionary<string, ComponentVersion>(StringComparer.Ordinal) { ["kubernetes"] = ComponentVersion.TryParse(kubernetes)!.Value });
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ServiceAccountKey = key.ExportPkcs8PrivateKeyPem() + "\n";
        ServiceAccountPublicKey = key.ExportSubjectPublicKeyInfoPem() + "\n";
        Authorities = ClusterSecrets.AuthorityNames.ToDictionary(name => name, name => AuthorityPem.Create($"demo {name}"), StringComparer.Ordinal);
        UserData = UserDataOf(roles, dns, more, kubernetesMore);
        State = new NodeState
        {
            Identity = new NodeIdentity
            {
                InstanceId = "i",
                Roles = roles,
                Cluster = "demo",
                Domain = "k8s",
                Hostname = "node1",
                Address = address,
                FirstBoot = DateTimeOffset.UnixEpoch,
            },
            Metadata = CloudConfig.Parse(UserData, "user-data", compiled),
            ImageRoles = compiled,
            Launcher = launcher ?? LauncherWords.None,
            IsOnEc2 = isOnEc2,
        };
    }

    /// <summary>roles/ of this checkout, found above the test program.</summary>
    public static string RolesFolder { get; } = Path.Combine(Checkout.Folder, "roles");

    public NodeState State { get; }

    public string UserData { get; }

    public string ServiceAccountKey { get; }

    public string ServiceAccountPublicKey { get; }

    public IReadOnlyDictionary<string, AuthorityPem> Authorities { get; }

    /// <summary>Each unit once, as the first role that has it says.</summary>
    public IEnumerable<(RoleDefinition Role, RoleService Service)> Services =>
        State.Roles.SelectMany(role => role.Services.Select(service => (role, service))).DistinctBy(item => item.service.Unit, StringComparer.Ordinal);

    /// <summary>Each file of a service once, with what is added to it.</summary>
    public IEnumerable<(ServiceFile File, string Text)> Files(RoleDefinition role, RoleService service) =>
        service.Files.GroupBy(file => file.Path, StringComparer.Ordinal).Select(parts => (parts.First(), string.Concat(parts.Select(part => Render(role, service, part)))));

    public string Render(RoleDefinition role, RoleService service, ServiceFile file)
    {
        (string owner, string name) = file.TemplateOf(role.Role);
        string template = Path.Combine(RolesFolder, owner, "templates", name);
        TemplateValues values = file.When is null ? Values(service) : NodeValues.WithPodNetwork(Values(service with { Waits = [] }), "10.200.3.0/24", 1450);
        values.Values.Keys.ShouldBe(TemplateNames.Values(service, file), ignoreOrder: true);
        values.Lists.Keys.ShouldBe(TemplateNames.Lists(service, file), ignoreOrder: true);
        return Template.Render(File.ReadAllText(template), template, values);
    }

    public TemplateValues Values(RoleService service)
    {
        if (service.Unit == EtcdPaths.Unit)
        {
            EtcdStartPlan plan = new() { Name = "m1", InitialCluster = "m1=https://10.0.0.21:2380", InitialClusterState = "new", InitialClusterToken = "demo-0123456789abcdef", Members = ["10.0.0.21"] };
            return NodeValues.ForEtcd(State, plan, service);
        }

        return NodeValues.For(State, service, service.RolesOfPeers()
            .ToDictionary(role => role, _ => PeerSet.Parse(["10.0.0.11", "10.0.0.12"]), StringComparer.Ordinal));
    }

    private string UserDataOf(IReadOnlyList<string> roles, string dns, string more, string kubernetesMore) => $$"""
        #cloud-config
        node:
          cluster: demo
          roles: [{{string.Join(", ", roles)}}]
          {{more}}
          labels: { zone: a, example.com/disk: ssd }
          etcd: { size: 1 }
          kubernetes:
            hostname: node1.example.com
            dns: {{dns}}
            {{kubernetesMore}}
            token: abcdef.{{TokenSecret}}
            tokens: [{ id: abcdef, secret: {{TokenSecret}} }]
            serviceAccountKeys: ["{{ServiceAccountKey.Replace("\n", "\\n", StringComparison.Ordinal)}}"]
            encryptionKeys: [{ name: key2, secret: {{EncryptionSecret}} }, { name: key1, secret: {{EncryptionSecret}} }]
          pki:
        {{string.Join('\n', Authorities.Select(pair => $"    {pair.Key}: {pair.Value.ToYaml()}"))}}
        """;
}
