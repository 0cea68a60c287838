using System.IO.Compression;
using System.Text;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Metadata;

public sealed class CloudConfigTests
{
    private static readonly AuthorityPem _authority = AuthorityPem.Create("demo");
    private static readonly AuthorityPem _other = AuthorityPem.Create("demo");

    private static string Authority => _authority.ToYaml();

    private static readonly IReadOnlyList<NodeConfig.Roles.RoleDefinition> _roles = RolesOfProduct.Named("etcd", "lb", "master", "worker");

    [Fact]
    public void Everything_an_etcd_member_needs_is_read()
    {
        NodeMetadata metadata = Parse($"""
            #cloud-config
            hostname: Etcd1
            ssh_authorized_keys: [ssh-ed25519 AAAA me]
            packages: [vim]
            timezone: Europe/Paris
            ntp: {"{ servers: [10.0.0.1], pools: [pool.example.org] }"}
            write_files:
              - path: /etc/motd
                content: hello
                permissions: '0600'
            node:
              cluster: demo
              roles: [etcd]
              address: 10.0.0.11
              labels: {"{ zone: a }"}
              etcd:
                size: 3
              pki:
                etcd-peer: {Authority}
                etcd-client: {Authority}
            users: []
            """);
        metadata.Node.Cluster.ShouldBe("demo");
        metadata.Node.Domain.ShouldBe("k8s");
        metadata.Node.Roles.ShouldBe(["etcd"]);
        metadata.Node.Address!.ToString().ShouldBe("10.0.0.11");
        metadata.Node.Labels.ShouldBe([KeyValuePair.Create("zone", "a")]);
        metadata.Node.Etcd.ShouldBe(new EtcdSettings(3));
        metadata.Node.Secrets.CanSign("etcd-peer").ShouldBeTrue();
        metadata.Node.Secrets["etcd-peer"][0].Key!.Reveal().ShouldBe(_authority.Key);
        metadata.Hostname.ShouldBe("etcd1");
        metadata.Ntp!.Servers.ShouldBe(["10.0.0.1"]);
        metadata.WriteFiles.ShouldHaveSingleItem().Mode.ShouldBe("0600");
        metadata.Ignored.ShouldBe([new IgnoredKey("packages", 4), new IgnoredKey("users", 21)]);
    }

    [Fact]
    public void What_a_member_keeps_of_snapshots_is_read_and_has_defaults()
    {
        EtcdSnapshotSettings Snapshots(string etcd) =>
            Parse(Node($"roles: [etcd]\n  etcd: {etcd}\n  pki: {{etcd-peer: {Authority}, etcd-client: {Authority}}}")).Node.Etcd!.Snapshots;

        Snapshots("{size: 1}").ShouldBe(new EtcdSnapshotSettings { Every = TimeSpan.FromHours(6), Keep = 8, MaxBytes = null });
        Snapshots("{size: 1, snapshots: {every: 30m, keep: 0, maxBytes: 2Gi}}")
            .ShouldBe(new EtcdSnapshotSettings { Every = TimeSpan.FromMinutes(30), Keep = 0, MaxBytes = 2L << 30 });
    }

    [Fact]
    public void No_key_shows_when_metadata_is_printed()
    {
        NodeMetadata metadata = Parse(Node($"roles: [etcd]\n  etcd: {{size: 1}}\n  pki: {{etcd-peer: {Authority}, etcd-client: {Authority}}}"));
        string printed = $"{metadata} {metadata.Node} {metadata.Node.Secrets} {metadata.Node.Secrets["etcd-peer"][0]}";
        printed.ShouldNotContain("PRIVATE");
        printed.ShouldContain("(secret)");
    }

    [Fact]
    public void Names_with_an_address_or_several_are_read_in_their_order()
    {
        NodeSettings node = Parse(Node("roles: [etcd]\n  etcd: {size: 1}\n  hosts: {masters.demo.k8s: [10.0.0.22, 10.0.0.21], node1: 10.0.0.31}\n  pki: {etcd-peer: " + Authority + ", etcd-client: " + Authority + "}")).Node;
        node.Hosts.Select(host => $"{host.Name}={string.Join('+', host.Addresses)}").ShouldBe(["masters.demo.k8s=10.0.0.22+10.0.0.21", "node1=10.0.0.31"]);
        node.IsSingle.ShouldBeFalse();
    }

    [Theory]
    [InlineData("role: worker\n  sice: 3", 5, 3, "The key 'sice' is unknown. Known here: cluster, domain, role, roles, single, hosts, address, labels, etcd, lb, kubernetes, pki, certificateValidityPeriod, strict.")]
    [InlineData("roles: [etcd]", 3, 3, "The role etcd needs 'etcd.size', the number of members. Add 'etcd: { size: 3 }'.")]
    [InlineData("roles: [etcd]\n  etcd: {sise: 3}", 5, 10, "'sise' is unknown. Known here: size, snapshots.")]
    [InlineData("roles: [etcd]\n  sise: 3", 5, 3, "'sise' is unknown")]
    [InlineData("roles: [etcd]\n  etcd: {}", 5, 9, "'size' is missing")]
    [InlineData("roles: [etcd]\n  etcd: {size: 2}", 5, 16, "an even number")]
    [InlineData("roles: [etcd]\n  etcd: {size: three}", 5, 16, "whole number from 1 to 9")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3, x: 1}", 5, 19, "'x' is unknown")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3, snapshots: {every: 5m}}", 5, 38, "'every' cannot be '5m'. Write at least ten minutes")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3, snapshots: {every: often}}", 5, 38, "'every' cannot be 'often'")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3, snapshots: {keep: -1}}", 5, 37, "whole number from 0 to 1000")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3, snapshots: {maxBytes: 2G}}", 5, 41, "amount of bytes")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3, snapshots: {age: 1d}}", 5, 31, "'age' is unknown. Known here: every, keep, maxBytes.")]
    [InlineData("roles: [etcd]\n  etcd: {size: 3}", 3, 3, "needs the authority 'etcd-peer'")]
    [InlineData("roles: [etdc]", 4, 11, "The role 'etdc' is unknown. Roles of this image: etcd, lb, master, worker.")]
    [InlineData("roles: []", 4, 10, "'roles' is empty")]
    [InlineData("roles: [lb, lb]", 4, 15, "stands twice")]
    [InlineData("role: lb\n  roles: [lb]", 5, 10, "stand together")]
    [InlineData("labels: {}", 3, 3, "The machine has no role: 'roles' is missing. Add 'roles: [ … ]'. Roles of this image: etcd, lb, master, worker.")]
    [InlineData("role: lb\n  domain: k8s.", 5, 11, "'domain' cannot be")]
    [InlineData("role: lb\n  address: 10.1", 5, 12, "'address' cannot be")]
    [InlineData("role: lb\n  address: 'fd00::11'", 5, 12, "'address' is the IPv6 address fd00::11, and this image needs IPv4 for now. Write an IPv4 address such as 10.0.0.11.")]
    [InlineData("role: lb\n  address: 0.0.0.0", 5, 12, "no single machine has it")]
    [InlineData("role: lb\n  address: 224.0.0.1", 5, 12, "no single machine has it")]
    [InlineData("role: lb\n  single: true", 4, 9, "has each of its roles and no other. Write 'roles: [etcd, master, worker]', or remove 'single'.")]
    [InlineData("roles: [etcd, master]\n  single: true\n  etcd: {size: 1}", 4, 10, "has each of its roles and no other")]
    [InlineData("roles: [worker, master, etcd]\n  single: true\n  etcd: {size: 3}", 6, 16, "is one member of etcd, not one of 3. Write 'etcd: { size: 1 }', or remove 'single'.")]
    [InlineData("role: lb\n  single: maybe", 5, 11, "'single' must be true or false")]
    [InlineData("roles: [worker, master, etcd]\n  single: true\n  etcd: {size: 1}\n  hosts: {a: 10.0.0.1, masters.demo.k8s: 10.0.0.1}", 7, 24, "With 'single' the names below demo.k8s are this machine's own.")]
    [InlineData("role: lb\n  hosts: [10.0.0.1 a]", 5, 10, "A mapping (key: value) is expected here")]
    [InlineData("role: lb\n  hosts: {a: 10.0.0.300}", 5, 14, "'a' cannot be '10.0.0.300'")]
    [InlineData("role: lb\n  hosts: {a: [10.0.0.1, 'fd00::1']}", 5, 25, "'a' is the IPv6 address fd00::1")]
    [InlineData("role: lb\n  hosts: {a: []}", 5, 14, "'a' has no address")]
    [InlineData("role: lb\n  hosts: {a: }", 5, 14, "'a' must be text, and this is")]
    [InlineData("role: lb\n  hosts: {a: [10.0.0.1, 10.0.0.1]}", 5, 25, "The address 10.0.0.1 of 'a' stands twice")]
    [InlineData("role: lb\n  hosts: {a: 127.0.0.1}", 5, 14, "on each machine that is another one")]
    [InlineData("role: lb\n  hosts: {A: 10.0.0.1}", 5, 11, "'A' is no name that could be given an address")]
    [InlineData("role: lb\n  hosts: {localhost: 10.0.0.1}", 5, 11, "'localhost' is no name")]
    [InlineData("role: lb\n  hosts: {10.0.0.2: 10.0.0.1}", 5, 11, "'10.0.0.2' is no name")]
    [InlineData("role: lb\n  hosts: {masters.demo.k8s.: 10.0.0.1}", 5, 11, "'masters.demo.k8s.' is no name")]
    [InlineData("role: lb\n  pki: {kubernets: []}", 5, 9, "'kubernets' is unknown")]
    [InlineData("role: lb\n  pki: {kubernetes: [{certificate: x}]}", 5, 36, "no PEM block")]
    public void A_mistake_below_node_is_refused_with_its_place(string text, int line, int column, string problem)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse(Node(text)));
        error.Message.ShouldContain(problem);
        (error.Line, error.Column).ShouldBe((line, column), error.Message);
    }

    [Theory]
    [InlineData("#cloud-config\nhostname: x\n", "The key 'node' is missing, so this machine has no role. Add 'node:' with cluster and roles.")]
    [InlineData("hostname: x\n", "first line is not '#cloud-config'")]
    [InlineData("#!/bin/sh\necho\n", "a script")]
    [InlineData("Content-Type: multipart/mixed; boundary=x\n\n", "Multi-part MIME")]
    [InlineData("MIME-Version: 1.0\n", "Multi-part MIME")]
    [InlineData("From nobody Fri Jan 2 03:04:05 2026\nX-Number: 1\nContent-Type: multipart/mixed; boundary=x\n\n", "Multi-part MIME")]
    [InlineData("#cloud-config-archive\n- a\n", "'#cloud-config-archive'")]
    [InlineData("#include\nhttp://x\n", "'#include'")]
    [InlineData("## template: jinja\n#cloud-config\n", "template")]
    [InlineData("{\"ignition\": {}}", "Ignition")]
    public void Other_forms_of_user_data_are_refused_by_name(string text, string problem) =>
        Should.Throw<ConfigurationException>(() => Parse(text)).Message.ShouldContain(problem);

    [Theory]
    [InlineData("path: etc/x", "'path' cannot be")]
    [InlineData("path: /etc/../../x", "'path' cannot be")]
    [InlineData("path: /etc//x", "'path' cannot be")]
    [InlineData("path: /x\n  permissions: 0999", "'permissions' cannot be")]
    [InlineData("path: /x\n  owner: 'a b'", "'owner' cannot be")]
    [InlineData("path: /x\n  encoding: rot13\n  content: x", "encoding 'rot13' is unknown")]
    [InlineData("path: /x\n  encoding: b64\n  content: '*'", "not base64")]
    [InlineData("path: /x\n  encoding: gz+b64\n  content: AAAA", "cannot be decompressed")]
    [InlineData("path: /x\n  sauce: {uri: x}", "'sauce' is unknown")]
    public void A_file_that_cannot_be_written_as_told_is_refused(string entry, string problem) =>
        Should.Throw<ConfigurationException>(() => Parse(Node("role: lb") + "\nwrite_files:\n- " + entry)).Message.ShouldContain(problem);

    [Theory]
    [InlineData("/var/lib/x", "append: true", 8, 11)]
    [InlineData("/home/admin/.profile", "append: true", 8, 11)]
    public void Appending_where_a_boot_does_not_begin_anew_is_refused_with_its_place(string path, string append, int line, int column)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse(Node("role: lb") + $"write_files:\n- path: {path}\n  content: x\n  {append}\n"));
        error.Message.ShouldContain($"'{path}' outlives a boot, so each boot would append to it again. Append below /etc or /run");
        (error.Line, error.Column).ShouldBe((line, column), error.Message);
    }

    [Theory]
    [InlineData("/etc/motd", "append: true")]
    [InlineData("/run/x", "append: true")]
    [InlineData("/var/lib/x", "append: false")]
    public void Appending_to_what_each_boot_makes_anew_and_whole_files_anywhere_are_fine(string path, string append) =>
        Parse(Node("role: lb") + $"write_files:\n- path: {path}\n  content: x\n  {append}\n").WriteFiles[0].Path.ShouldBe(path);

    [Theory]
    [InlineData("/etc/bootstrapper/pki/etcd-peer.key", "", "0600")]
    [InlineData("/etc/bootstrapper/pki/x.crt", "", "0600")]
    [InlineData("/etc/bootstrapper/pki/more/x.key", "permissions: '0644'", "0600")]
    [InlineData("/etc/bootstrapper/pki/x.key", "permissions: '4755'", "0600")]
    [InlineData("/etc/bootstrapper/pki/x.key", "permissions: '0440'", "0400")]
    [InlineData("/etc/bootstrapper/other", "", "0644")]
    [InlineData("/etc/bootstrapper/other", "permissions: '0640'", "0640")]
    public void Secrets_in_files_are_for_their_owner_only(string path, string permissions, string mode) =>
        Parse(Node("role: lb") + $"write_files:\n- path: {path}\n  content: x\n  {permissions}\n").WriteFiles[0].Mode.ShouldBe(mode);

    [Fact]
    public void Packed_content_of_a_file_is_unpacked_up_to_one_mebibyte()
    {
        Parse(Node("role: lb") + $"\nwrite_files: [{{path: /x, encoding: gz+b64, content: {Packed(1 << 20)}}}]").WriteFiles[0].Content.Length.ShouldBe(1 << 20);
        Should.Throw<ConfigurationException>(() => Parse(Node("role: lb") + $"\nwrite_files: [{{path: /x, encoding: gz+b64, content: {Packed((1 << 20) + 1)}}}]"))
            .Message.ShouldContain("more than 1048576 bytes");
    }

    [Theory]
    [InlineData("kubernetes-lb", "lb")]
    public void A_sysconfig_file_chooses_role_cluster_and_name(string file, string role)
    {
        NodeMetadata metadata = Parse($"""
            #cloud-config
            write_files:
              - path: /etc/sysconfig/{file}
                content: |
                  # written by hand
                  CLUSTER_NAME=demo
                  CLOUD_PROVIDER=--cloud-provider=aws
                  KUBELET_HOSTNAME=--hostname-override=node1.demo.k8s
            """);
        metadata.Node.Roles.ShouldBe([role]);
        metadata.Node.Cluster.ShouldBe("demo");
        metadata.Fqdn.ShouldBe("node1.demo.k8s");
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("\n  strict: false", false)]
    [InlineData("\n  strict: true", true)]
    public void A_machine_is_strict_where_its_metadata_says_so(string line, bool isStrict) =>
        Parse(Node($"role: lb{line}")).Node.IsStrict.ShouldBe(isStrict);

    [Theory]
    [InlineData("1h", 1)]
    [InlineData("90m", 1.5)]
    [InlineData("365d", 8760)]
    public void Certificates_may_be_valid_for_another_period(string text, double hours) =>
        Parse(Node($"role: lb\n  certificateValidityPeriod: {text}")).Node.CertificateValidityPeriod.ShouldBe(TimeSpan.FromHours(hours));

    [Theory]
    [InlineData("59m")]
    [InlineData("12")]
    [InlineData("8760h0m0s")]
    [InlineData("99999d")]
    public void A_period_that_certificates_cannot_have_is_refused_with_its_place(string text) =>
        Should.Throw<ConfigurationException>(() => Parse(Node($"role: lb\n  certificateValidityPeriod: {text}"))).Message
            .ShouldContain($"'certificateValidityPeriod' cannot be '{text}'. Write at least an hour and at most ten years, as 12h or 365d.");

    [Fact]
    public void A_host_name_in_a_sysconfig_file_that_is_none_is_refused_with_its_line()
    {
        string text = "#cloud-config\nwrite_files:\n- {path: /etc/sysconfig/kubernetes-lb, content: \"CLUSTER_NAME=demo\\nKUBELET_HOSTNAME=--hostname-override=no_name\\n\"}\n";
        Should.Throw<ConfigurationException>(() => Parse(text)).Message
            .ShouldBe("/etc/sysconfig/kubernetes-lb:2:1  KUBELET_HOSTNAME cannot be '--hostname-override=no_name'. Write --hostname-override= and a DNS name (letters, digits and '-'), or leave the line out.");
    }

    [Fact]
    public void A_sysconfig_file_of_etcd_takes_its_size_and_its_secrets_from_files()
    {
        string text = "#cloud-config\nwrite_files:\n- {path: /etc/sysconfig/kubernetes-etcd, content: \"CLUSTER_NAME=demo\\nETCD_SIZE=3\\n\"}\n";
        Should.Throw<ConfigurationException>(() => Parse(text)).Message.ShouldContain("/etc/bootstrapper/pki/etcd-peer.crt");
        foreach (string name in new[] { "etcd-peer", "etcd-client" })
        {
            text += Pair(name, _authority.Certificate, _authority.Key);
        }

        NodeMetadata metadata = Parse(text);
        metadata.Node.Etcd.ShouldBe(new EtcdSettings(3));
        metadata.Node.Secrets.CanSign("etcd-client").ShouldBeTrue();
    }

    [Fact]
    public void A_certificate_and_a_key_that_do_not_fit_are_named_with_their_place()
    {
        string mixed = (_authority with { Key = _other.Key }).ToYaml();
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse(Node($"roles: [etcd]\n  etcd: {{size: 1}}\n  pki:\n    etcd-peer: {Authority}\n    etcd-client: {mixed}")));
        error.Problem.ShouldBe("node.pki.etcd-client[0]: certificate and key do not belong together.");
        error.Line.ShouldBe(8);
        error.Message.ShouldNotContain("PRIVATE");

        string files = "#cloud-config\nnode: {cluster: demo, role: etcd, etcd: {size: 1}}\nwrite_files:\n"
            + Pair("etcd-client", _authority.Certificate, _authority.Key) + Pair("etcd-peer", _authority.Certificate, _other.Key);
        Should.Throw<ConfigurationException>(() => Parse(files)).Problem
            .ShouldBe("write_files: /etc/bootstrapper/pki/etcd-peer.crt and etcd-peer.key: certificate and key do not belong together.");
    }

    [Fact]
    public void An_authority_that_cannot_sign_here_is_refused()
    {
        string Refusal(AuthorityPem authority) =>
            Should.Throw<ConfigurationException>(() => Parse(Node($"role: lb\n  pki: {{kubernetes: {authority.ToYaml()}}}"))).Problem;

        Refusal(AuthorityPem.CreateRsa("x")).ShouldBe("node.pki.kubernetes[0]: the certificate's key is RSA; only ECDSA authorities can sign here.");
        Refusal(_authority with { Key = AuthorityPem.CreateRsa("x").Key }).ShouldStartWith("node.pki.kubernetes[0]: the key cannot be read");
        Refusal(_authority with { Certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }).ShouldBe("node.pki.kubernetes[0]: the certificate cannot be read.");
    }

    private static string Pair(string name, string certificate, string key) =>
        $"- {{path: /etc/bootstrapper/pki/{name}.crt, content: \"{certificate.Replace("\n", "\\n", StringComparison.Ordinal)}\"}}\n"
        + $"- {{path: /etc/bootstrapper/pki/{name}.key, content: \"{key.Replace("\n", "\\n", StringComparison.Ordinal)}\"}}\n";

    private static NodeMetadata Parse(string text) => CloudConfig.Parse(text, "user-data", _roles);

    private static string Node(string lines) => $"#cloud-config\nnode:\n  cluster: demo\n  {lines}\n";

    private static string Packed(int size)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.ASCII.GetBytes(new string('a', size)));
        }

        return Convert.ToBase64String(packed.ToArray());
    }
}
