using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Identity;
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

    private static readonly LauncherWords _container = new() { IsInUserNamespace = true, HasCgroupV1 = true };

    public static IReadOnlyList<string> Versions { get; } = ["1.20.2", "1.29.0", "1.36.0"];

    public static TheoryData<string, string> Machines
    {
        get
        {
            TheoryData<string, string> machines = [];
            foreach (string version in Versions)
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
        Compare(GoldenOf(version, roles), Describe(new SampleMachine(roles.Split(','), version)));
    }

    /// <param name="roles">With commas between.</param>
    public static string GoldenOf(string version, string roles) => Path.Combine(_goldens, version, roles.Replace(',', '-') + ".txt");

    /// <summary>Machines that share addresses, and those that forward to others.</summary>
    [Theory]
    [InlineData("lb", "lb-vip", "endpoint: lb, vip: {masters: 10.0.0.20, lb: 10.0.0.40}")]
    [InlineData("lb", "lb-pool", "vip: {lb: 10.0.0.40, interval: 0.5}")]
    [InlineData("master", "master-pool", "vip: {lb: 10.0.0.40}")]
    [InlineData("lb", "lb", "dns: node")]
    [InlineData("master", "master-vip", "endpoint: vip, vip: {masters: 10.0.0.20}, apiNames: [kubernetes.example.com]")]
    [InlineData("worker", "worker-vip", "endpoint: vip, vip: {masters: 10.0.0.20}")]
    public void Files_of_load_balancing_are_what_they_were(string role, string name, string kubernetes)
    {
        SampleMachine machine = new([role], "1.36.0", more: name.EndsWith("-pool", StringComparison.Ordinal) ? "lb: { pool: [10.0.0.64/30] }" : role == "lb" ? "lb: { ports: [80, '443:30443'], proxyProtocol: true }" : "", kubernetesMore: kubernetes == "dns: node" ? "" : string.Join("\n    ", Split(kubernetes)));
        string text = string.Concat(
            from item in machine.Services
            where item.Service.Unit is "haproxy.service" or "keepalived.service" or "api-forwarder.service" or "etcd-forwarder.service"
                or "lb-forwarding.service" || name == "master-pool"
            from file in machine.Files(item.Role, item.Service)
            where !file.File.Path.EndsWith(".crt", StringComparison.Ordinal)
            where name != "master-pool" || file.File.Path is "/etc/kubernetes/access.yaml" or "/etc/kubernetes/bounds-services.yaml"
            select $"=== {file.File.Path} {file.File.Mode} {file.File.Owner}\n{file.Text}\n");
        Compare(Path.Combine(_goldens, "load-balancing", name + ".txt"), text);

        static IEnumerable<string> Split(string keys) => keys.Replace(", vip:", "\nvip:", StringComparison.Ordinal).Replace(", apiNames:", "\napiNames:", StringComparison.Ordinal).Split('\n');
    }

    private static void Compare(string golden, string text)
    {
        if (Environment.GetEnvironmentVariable("IMAGES_WRITE_GOLDENS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden)!);
            File.WriteAllText(golden, text);
        }

        text.ShouldBe(File.ReadAllText(golden));
    }

    [Theory]
    [InlineData("1.20.2", "worker")]
    [InlineData("1.20.2", "master")]
    [InlineData("1.29.0", "worker")]
    [InlineData("1.29.0", "master")]
    [InlineData("1.36.0", "worker")]
    [InlineData("1.36.0", "master")]
    public void What_a_container_adds_to_files_is_what_it_was(string version, string roles)
    {
        string[] plain = Added(new SampleMachine(roles.Split(','), version));
        string[] all = Added(new SampleMachine(roles.Split(','), version, launcher: _container));
        plain.ShouldBeSubsetOf(all);

        Compare(Path.Combine(_goldens, version, $"{roles}-container.txt"), string.Concat(all.Except(plain, StringComparer.Ordinal)));
    }

    private static string[] Added(SampleMachine machine) =>
    [
        .. from item in machine.Services
           from file in item.Service.Files
           where file.Append
           select $"=== {file.Path}\n{machine.Render(item.Role, item.Service, file)}",
    ];

    [Fact]
    public void Each_word_of_the_launcher_adds_only_its_own()
    {
        string Kubelet(LauncherWords launcher) => FilesOf(new SampleMachine(["worker"], "1.36.0", launcher: launcher)).Single(file => file.Path == "/etc/kubernetes/kubelet.yaml").Text;

        Kubelet(LauncherWords.None).ShouldNotContain("featureGates");
        Kubelet(new LauncherWords { IsInUserNamespace = true }).ShouldContain("KubeletInUserNamespace: true");
        Kubelet(new LauncherWords { IsInUserNamespace = true }).ShouldNotContain("failCgroupV1");
        Kubelet(new LauncherWords { HasCgroupV1 = true }).ShouldContain("failCgroupV1: false");
        Kubelet(new LauncherWords { HasCgroupV1 = true }).ShouldNotContain("featureGates");
    }

    [Theory]
    [MemberData(nameof(Machines))]
    public void What_is_YAML_or_JSON_parses(string version, string roles)
    {
        foreach (LauncherWords launcher in new[] { LauncherWords.None, _container })
        {
            CountOfParsed(new SampleMachine(roles.Split(','), version, launcher: launcher)).ShouldBe(roles switch { "etcd" => 0, "master" => version switch { "1.20.2" => 9, "1.29.0" => 10, _ => 11 }, "worker" => 5, _ => version switch { "1.20.2" => 12, "1.29.0" => 13, _ => 14 } });
        }
    }

    private static int CountOfParsed(SampleMachine machine)
    {
        int parsed = 0;
        foreach ((RoleDefinition role, RoleService service) in machine.Services)
        {
            foreach ((ServiceFile file, string text) in machine.Files(role, service))
            {
                if (file.Template is "access.yaml" or "bounds.yaml")
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

        return parsed;
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
        Dictionary<string, string> files = FilesOf(machine).ToDictionary(StringComparer.Ordinal);

        (files.GetValueOrDefault("/etc/kubernetes/kube-scheduler-version.env")?.Contains("VERSION_ARGS=--port=0", StringComparison.Ordinal) ?? false).ShouldBe(closesPort);
        (files.GetValueOrDefault("/etc/kubernetes/kube-controller-manager-version.env")?.Contains("VERSION_ARGS=--port=0", StringComparison.Ordinal) ?? false).ShouldBe(closesPort);
        files.GetValueOrDefault("/etc/kubernetes/kubelet-runtime.env")?.Split("RUNTIME_ARGS=")[1].TrimEnd().ShouldBe(runtime);
        files.ContainsKey("/etc/kubernetes/kubelet-runtime.env").ShouldBe(runtime is not null);
        files.ContainsKey("/etc/kubernetes/kubelet-sandbox.env").ShouldBe(namesSandbox);
    }

    [Theory]
    [InlineData("1.20.2", false, "", true)]
    [InlineData("1.26.0", false, "", true)]
    [InlineData("1.20.2", true, "", false)]
    [InlineData("1.20.2", true, "ecrCredentials: false", true)]
    [InlineData("1.20.2", false, "ecrCredentials: true", false)]
    [InlineData("1.27.0", false, "", false)]
    public void Only_an_EC2_instance_or_who_is_told_so_asks_for_credentials_of_Amazon_s_registry(string version, bool isOnEc2, string more, bool isKeptFromAsking)
    {
        SampleMachine machine = new(["worker"], version, kubernetesMore: more, isOnEc2: isOnEc2);
        string? file = FilesOf(machine).SingleOrDefault(file => file.Path == "/etc/kubernetes/kubelet-cloud.env").Text;

        (file?.Contains("\nAWS_EC2_METADATA_DISABLED=true\n", StringComparison.Ordinal) ?? false).ShouldBe(isKeptFromAsking);
        File.ReadAllText(Path.Combine(SampleMachine.RolesFolder, "worker/units/kubelet.service")).ShouldContain("EnvironmentFile=-/etc/kubernetes/kubelet-cloud.env");
    }

    [Fact]
    public void A_cluster_with_a_DNS_add_on_of_its_own_has_neither_our_name_server_nor_its_Service()
    {
        string Files(string dns) => string.Join('\n', new SampleMachine(["master", "worker"], "1.36.0", dns: dns).Services.Select(item => $"{item.Service.Unit}: {string.Join(' ', item.Service.Files.Select(file => file.Path))}"));

        Files("node").ShouldContain("cluster-dns.service: /etc/kubernetes/cluster-dns.conf");
        Files("node").ShouldContain("cluster-names.service: /etc/kubernetes/cluster-names.env");
        Files("node").ShouldContain("/etc/kubernetes/addons/cluster-dns.yaml");
        Files("none").ShouldNotContain("cluster-dns");
        Files("none").ShouldNotContain("cluster-names");
        Files("none").ShouldContain("/etc/cni/net.d/10-cluster.conflist");
    }

    private static IEnumerable<(string Path, string Text)> FilesOf(SampleMachine machine) =>
        machine.Services.SelectMany(item => machine.Files(item.Role, item.Service)).Select(item => (item.File.Path, item.Text));

    private static string Describe(SampleMachine machine)
    {
        StringBuilder text = new();
        foreach ((RoleDefinition role, RoleService service) in machine.Services)
        {
            text.Append($"##### {service.Unit} of {role.Role}\n");
            text.AppendJoin("", service.Kernel.Select(need => $"# kernel: {need.Module}, by {need.Path ?? need.Filesystem}\n"));
            text.AppendJoin("", service.Waits.Select(wait => $"# peers: {wait.Peers}{(wait.All ? ", all" : "")}\n"));
            text.AppendJoin("", service.Needs.Select(path => $"# needs: {path}\n"));
            text.AppendJoin("", service.Answers.Select(answer => $"# answers: {Template.Render(answer.Url, "url", machine.Values(service))} by {answer.Authority}, shown {answer.Certificate ?? "nothing"}\n"));
            text.AppendJoin("", service.Certificates.Select(name => $"# certificate: {name}\n"));
            text.Append(service.Ready is null ? "" : $"# ready: {service.Ready.Url}{(service.Ready.Authority is null ? "" : $" by {service.Ready.Authority}, shown {service.Ready.Certificate}")}\n");
            foreach ((ServiceFile file, string content) in machine.Files(role, service))
            {
                text.Append($"\n=== {file.Path} {file.Mode} {file.Owner}{(file.When is null ? "" : $", once {file.When} is known")}\n{content}");
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
