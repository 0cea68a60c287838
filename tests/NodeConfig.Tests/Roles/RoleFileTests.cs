using System.Text;
using Images.NodeConfig.Roles;

namespace Images.NodeConfig.Tests.Roles;

public sealed class RoleFileTests
{
    private const string Etcd = """
        role: etcd
        dns: etcd
        secrets: { signs: [etcd-peer], trusts: [kubernetes], token: true }
        minimum: { cpus: 1, memory: 512Mi, disk: 4Gi }
        ports: [2379/tcp, 2380/tcp]
        services:
          - unit: etcd.service
            waits: [{ peers: etcd, all: true }]
            certificates: [etcd-server, etcd-peer]
            values: [etcd.name, encryption-keys]
            files: [{ path: /etc/etcd/etcd.env, template: etcd.env, mode: 0640, owner: root:etcd }]
            ready: http://127.0.0.1:2381/health
            restartOnClockJump: true
        """;

    [Fact]
    public void A_role_file_is_read_whole()
    {
        RoleDefinition role = RoleFile.Parse(Etcd, "roles/etcd.yaml");
        role.Minimum.ShouldBe(new RoleMinimum { Cpus = 1, MemoryBytes = 512L << 20, DiskBytes = 4L << 30 });
        role.Secrets.ShouldNotBeNull().Signs.ShouldBe(["etcd-peer"]);
        role.Secrets.Trusts.ShouldBe(["kubernetes"]);
        (role.Secrets.JoinsByToken, role.Secrets.RunsControlPlane, role.Secrets.IsRequired).ShouldBe((true, false, true));
        role.Ports.ShouldBe([new RolePort { Number = 2379, Protocol = "tcp" }, new RolePort { Number = 2380, Protocol = "tcp" }]);
        RoleService service = role.Services.ShouldHaveSingleItem();
        service.Unit.ShouldBe("etcd.service");
        service.Waits.ShouldBe([new ServiceWait { Peers = "etcd", All = true }]);
        service.Certificates.ShouldBe(["etcd-server", "etcd-peer"]);
        service.Values.ShouldBe(["etcd.name", "encryption-keys"]);
        service.Files.ShouldBe([new ServiceFile { Path = "/etc/etcd/etcd.env", Template = "etcd.env", Mode = "0640", Owner = "root:etcd" }]);
        service.Ready.ShouldBe(new ServiceReady { Url = "http://127.0.0.1:2381/health" });
        service.RestartOnClockJump.ShouldBeTrue();
    }

    [Fact]
    public void Compiled_roles_come_back_from_json_and_are_sorted()
    {
        RoleDefinition other = RoleFile.Parse("role: a\ndns: as\naliases: [bs]\nservices: [{unit: a.service}]\n", "a.yaml");
        byte[] json = CompiledRoles.Of([RoleFile.Parse(Etcd, "e.yaml"), other]).ToJson();
        CompiledRoles read = CompiledRoles.FromJson(json);
        read.Roles.Select(role => role.Role).ShouldBe(["a", "etcd"]);
        read.ToJson().ShouldBe(json);
        read.Find("a")!.Aliases.ShouldBe(["bs"]);
        read.Find("b").ShouldBeNull();
        Encoding.UTF8.GetString(json).ShouldNotContain("\r");
    }

    [Fact]
    public void What_is_for_some_machines_only_is_on_those_and_compiled_for_all()
    {
        RoleDefinition role = CompiledRoles.FromJson(CompiledRoles.Of([RoleFile.Parse(
            """
            role: a
            dns: as
            services:
              - unit: a.service
                kernel: [{ module: br_netfilter, path: /proc/sys/net/bridge }, { module: overlay, filesystem: overlay }]
                files:
                  - { path: /x, template: x }
                  - { path: /x, template: more, append: true, when: user-namespace }
                  - { path: /y, template: y, when: pod-cidr }
                  - { path: /z, template: z, when: no-ecr-credentials }
              - { unit: b.service, when: cgroup-v1 }
            """, "a.yaml")]).ToJson()).Find("a")!;
        role.Services[0].Kernel.Select(need => (need.Module, need.Path, need.Filesystem)).ShouldBe([("br_netfilter", "/proc/sys/net/bridge", null), ("overlay", null, "overlay")]);

        string Plan(RoleConditions machine) => string.Join("; ", role.For(machine).Services.Select(service =>
            $"{service.Unit}{service.When}: {string.Join(' ', service.Files.Select(file => $"{file.Template}{(file.Append ? "+" : "")}{file.When}"))}"));

        Plan(new RoleConditions { AsksForEcrCredentials = true }).ShouldBe("a.service: x ypod-cidr");
        Plan(new RoleConditions()).ShouldBe("a.service: x ypod-cidr z");
        Plan(new RoleConditions { IsInUserNamespace = true }).ShouldBe("a.service: x more+ ypod-cidr z");
        Plan(new RoleConditions { HasCgroupV1 = true }).ShouldBe("a.service: x ypod-cidr z; b.service: ");
    }

    [Theory]
    [InlineData("role: a\ndns: a\nservices:\n  - unit: a.service\n    waitz: []\n", 5, 5, "The key 'waitz' is unknown. Known here: unit, when, kernel, waits, needs, answers, certificates, values, files, ready, lease, restartOnClockJump, onPeers.")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  ready: http://x\n  lease: a\n", 6, 10, "A lease is given back with the certificate that 'ready' names")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  lease: a.b\n", 5, 10, "'lease' cannot be 'a.b'")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  values: [etcd.nmae]\n", 5, 12, "'values' cannot be 'etcd.nmae'. Write one of: etcd.name, ")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  onPeers: [{peers: b, do: nothing}]\n", 5, 28, "'do' cannot be 'nothing'. Write one of: reload, restart, fill.")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  values: [etcd.name]\n  onPeers: [{peers: b, do: reload}]\n", 6, 12, "Values of etcd's start are of that start")]
    [InlineData("role: a\ndns: a\nsecrets: {signs: [etcd]}\nservices: [{unit: a.service}]\n", 3, 19, "'signs' cannot be 'etcd'. Write one of: kubernetes, front-proxy, etcd-peer, etcd-client.")]
    [InlineData("role: a\ndns: a\nsecrets: {sings: [etcd-peer]}\nservices: [{unit: a.service}]\n", 3, 11, "The key 'sings' is unknown")]
    [InlineData("role: a\ndns: a\nport: [1/tcp]\nservices: [{unit: a.service}]\n", 3, 1, "The key 'port' is unknown.")]
    [InlineData("role: a\ndns: a\nservices: []\n", 3, 11, "'services' is empty")]
    [InlineData("role: a\ndns: a\n", 1, 1, "The key 'services' is missing")]
    [InlineData("role: A\ndns: a\nservices: [{unit: a.service}]\n", 1, 7, "'role' cannot be 'A'")]
    [InlineData("role: a\ndns: a.b\nservices: [{unit: a.service}]\n", 2, 6, "'dns' cannot be 'a.b'")]
    [InlineData("role: a\ndns: a\nports: [70000/tcp]\nservices: [{unit: a.service}]\n", 3, 9, "no port")]
    [InlineData("role: a\ndns: a\nservices: [{unit: a}]\n", 3, 19, "'unit' cannot be 'a'")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n- unit: a.service\n", 5, 3, "stands twice")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /etc/../x, template: t}]\n", 5, 18, "'path' cannot be")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: ../t}]\n", 5, 32, "'template' cannot be")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t, mode: 640}]\n", 5, 41, "'mode' cannot be")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  ready: file:///x\n", 5, 10, "'ready' cannot be")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  ready: {url: 'http://x', authority: k, certificate: c}\n", 5, 16, "'url' cannot be 'http://x'")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  ready: {url: 'https://x', authority: k}\n", 5, 10, "The key 'certificate' is missing")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t, versions: '<1.27'}]\n", 1, 1, "does not have one")]
    [InlineData("role: a\ndns: a\ncomponents: [k]\nservices:\n- unit: a.service\n  files: [{path: /x, template: t, versions: '>1.27'}]\n", 6, 45, "'>1.27' is no range of versions")]
    [InlineData("role: a\ndns: a\ncomponents: [k]\nservices:\n- unit: a.service\n  files: [{path: /x, template: t, versions: '>=1.27 <1.24'}]\n", 6, 45, "is no range of versions")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t, when: ready}]\n", 5, 41, "'when' cannot be 'ready'. Write one of: pod-cidr, cluster-dns, user-namespace, cgroup-v1, no-ecr-credentials, slow-machine, cni-add-on, kube-proxy, api-forwarder, etcd-forwarder, masters-vip, lb-vip, lb-pool.")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t}, {path: /y, template: u, append: true}]\n", 5, 36, "There is no file /y before this")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t, when: cgroup-v1}, {path: /x, template: u, append: true}]\n", 5, 53, "There is no file /x before this")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t}, {path: /x, template: u, append: true, mode: '0600'}]\n", 5, 80, "has no 'mode' of its own")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  files: [{path: /x, template: t}, {path: /x, template: u, append: true, when: pod-cidr}]\n", 5, 80, "has no 'when' of its own")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  kernel: [{module: overlay}]\n", 5, 12, "It shows by one of 'filesystem' and 'path'")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  kernel: [{module: ../x, path: /y}]\n", 5, 21, "'module' cannot be '../x'")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  when: pod-cidr\n", 5, 9, "'when' cannot be 'pod-cidr'. Write one of: cluster-dns, user-namespace, cgroup-v1, no-ecr-credentials, slow-machine, cni-add-on, kube-proxy, api-forwarder, etcd-forwarder, masters-vip, lb-vip, lb-pool.")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  answers: [{url: 'http://x', authority: k}]\n", 5, 19, "'url' cannot be 'http://x'")]
    [InlineData("role: a\ndns: a\nservices:\n- unit: a.service\n  needs: [x]\n", 5, 11, "'needs' cannot be 'x'")]
    [InlineData("role: a\ndns: a\nminimum: {cpus: 1, memory: 1GB, disk: 1Gi}\nservices: [{unit: a.service}]\n", 3, 28, "amount of bytes")]
    public void A_role_file_that_breaks_a_rule_is_refused_with_its_place(string text, int line, int column, string problem)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => RoleFile.Parse(text, "roles/a.yaml"));
        error.Message.ShouldContain(problem);
        (error.Line, error.Column).ShouldBe((line, column), error.Message);
    }
}
