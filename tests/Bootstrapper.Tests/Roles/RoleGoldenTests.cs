using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;
using Images.NodeConfig.Yaml;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>
/// Every file of every role, for the oldest, a middle and the newest Kubernetes, beside what it was when someone last looked at it.
/// IMAGES_WRITE_GOLDENS=1 writes what it is now.
/// </summary>
public sealed class RoleGoldenTests
{
    private static readonly string _goldens = Path.Combine(Checkout.Folder, "tests", "Bootstrapper.Tests", "Roles", "testdata", "goldens");

    public static TheoryData<string, string> Machines
    {
        get
        {
            TheoryData<string, string> machines = [];
            foreach (string version in new[] { "1.20.2", "1.29.0", "1.36.0" })
            {
                foreach (string roles in new[] { "etcd", "master", "worker", "etcd,master,worker" })
                {
                    machines.Add(version, roles);
                }
            }

            return machines;
        }
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void Every_file_of_every_role_is_what_it_was(string version, string roles)
    {
        string golden = Path.Combine(_goldens, version, roles.Replace(',', '-') + ".txt");
        string text = Describe(new SampleMachine(roles.Split(','), version));
        if (Environment.GetEnvironmentVariable("IMAGES_WRITE_GOLDENS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            File.WriteAllText(golden, text);
        }

        text.ShouldBe(File.ReadAllText(golden));
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void What_is_YAML_or_JSON_parses(string version, string roles)
    {
        SampleMachine machine = new(roles.Split(','), version);
        int parsed = 0;
        foreach ((RoleDefinition role, RoleService service) in machine.Services)
        {
            foreach (ServiceFile file in service.Files)
            {
                string text = machine.Render(role, service, file);
                if (file.Template == "access.yaml")
                {
                    ManifestReader.Read(text, file.Path).Count.ShouldBeGreaterThan(1);
                    parsed++;
                }
                else if (file.Path.EndsWith(".yaml", StringComparison.Ordinal) || file.Path.EndsWith(".kubeconfig", StringComparison.Ordinal))
                {
                    StrictYaml.ParseMapping(text, file.Path).RequiredText("apiVersion").ShouldNotBeEmpty();
                    parsed++;
                }
                else if (file.Path.EndsWith(".conflist", StringComparison.Ordinal))
                {
                    using JsonDocument document = JsonDocument.Parse(text);
                    document.RootElement.GetProperty("plugins").GetArrayLength().ShouldBe(2);
                    parsed++;
                }
            }
        }

        parsed.ShouldBe(roles switch { "etcd" => 0, "master" => 9, "worker" => 5, _ => 12 });
    }

    [Theory]
    [InlineData("1.20.2", true, "--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock", true)]
    [InlineData("1.22.17", true, "--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock", true)]
    [InlineData("1.23.0", false, "--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock", true)]
    [InlineData("1.24.0", false, "--container-runtime-endpoint=unix:///run/containerd/containerd.sock", true)]
    [InlineData("1.27.0", false, null, true)]
    [InlineData("1.35.0", false, null, false)]
    public void What_differs_between_versions_is_chosen_by_the_version(string version, bool closesPort, string? runtime, bool namesSandbox)
    {
        SampleMachine machine = new(["master", "worker"], version);
        Dictionary<string, string> files = machine.Services.SelectMany(item => item.Service.Files.Select(file => (file.Path, machine.Render(item.Role, item.Service, file)))).ToDictionary(StringComparer.Ordinal);

        (files.GetValueOrDefault("/etc/kubernetes/kube-scheduler-version.env")?.Contains("VERSION_ARGS=--port=0", StringComparison.Ordinal) ?? false).ShouldBe(closesPort);
        (files.GetValueOrDefault("/etc/kubernetes/kube-controller-manager-version.env")?.Contains("VERSION_ARGS=--port=0", StringComparison.Ordinal) ?? false).ShouldBe(closesPort);
        files.GetValueOrDefault("/etc/kubernetes/kubelet-runtime.env")?.Split("RUNTIME_ARGS=")[1].TrimEnd().ShouldBe(runtime);
        files.ContainsKey("/etc/kubernetes/kubelet-runtime.env").ShouldBe(runtime is not null);
        files.ContainsKey("/etc/kubernetes/kubelet-sandbox.env").ShouldBe(namesSandbox);
    }

    [Fact]
    public void A_cluster_with_a_DNS_add_on_of_its_own_has_neither_our_name_server_nor_its_Service()
    {
        string Files(string dns) => string.Join('\n', new SampleMachine(["master", "worker"], "1.36.0", dns: dns).Services.Select(item => $"{item.Service.Unit}: {string.Join(' ', item.Service.Files.Select(file => file.Path))}"));

        Files("node").ShouldContain("cluster-dns.service: /etc/kubernetes/cluster-dns.conf");
        Files("node").ShouldContain("/etc/kubernetes/addons/cluster-dns.yaml");
        Files("none").ShouldNotContain("cluster-dns");
        Files("none").ShouldContain("/etc/cni/net.d/10-cluster.conflist");
    }

    private static string Describe(SampleMachine machine)
    {
        StringBuilder text = new();
        foreach ((RoleDefinition role, RoleService service) in machine.Services)
        {
            text.Append($"##### {service.Unit} of {role.Role}\n");
            text.AppendJoin("", service.Waits.Select(wait => $"# peers: {wait.Peers}{(wait.All ? ", all" : "")}\n"));
            text.AppendJoin("", service.Needs.Select(path => $"# needs: {path}\n"));
            text.AppendJoin("", service.Answers.Select(answer => $"# answers: {Template.Render(answer.Url, "url", machine.Values(service))} by {answer.Authority}, shown {answer.Certificate ?? "nothing"}\n"));
            text.AppendJoin("", service.Certificates.Select(name => $"# certificate: {name}\n"));
            text.Append(service.Ready is null ? "" : $"# ready: {service.Ready.Url}{(service.Ready.Authority is null ? "" : $" by {service.Ready.Authority}, shown {service.Ready.Certificate}")}\n");
            foreach (ServiceFile file in service.Files)
            {
                text.Append($"\n=== {file.Path} {file.Mode} {file.Owner}{(file.When is null ? "" : $", once {file.When} is known")}\n{machine.Render(role, service, file)}");
            }

            text.Append('\n');
        }

        return WithoutSecrets(text.ToString(), machine);
    }

    /// <summary>Keys are made anew for each test: in goldens stands which one it is.</summary>
    private static string WithoutSecrets(string text, SampleMachine machine)
    {
        foreach ((string name, AuthorityPem pair) in machine.Authorities)
        {
            text = text.Replace(pair.Certificate.TrimEnd(), $"(certificate of {name})", StringComparison.Ordinal).Replace(pair.Key.TrimEnd(), $"(key of {name})", StringComparison.Ordinal);
        }

        return text
            .Replace(machine.ServiceAccountKey.TrimEnd(), "(private key of ServiceAccounts)", StringComparison.Ordinal)
            .Replace(machine.ServiceAccountPublicKey.TrimEnd(), "(public key of ServiceAccounts)", StringComparison.Ordinal);
    }
}
