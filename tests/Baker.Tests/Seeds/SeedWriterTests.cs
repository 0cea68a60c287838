using System.Net;
using System.Text;
using Images.Baker.Seeds;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Baker.Tests.Seeds;

public sealed class SeedWriterTests : IDisposable
{
    private static readonly IReadOnlyList<NodeConfig.Roles.RoleDefinition> _roles = RolesOfProduct.Named("etcd", "lb", "master", "worker");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_machine_reads_what_the_seed_says()
    {
        SeedWriter.Write(Order("etcd") with { Size = 3, Hostname = "etcd1", SshKeys = ["ssh-ed25519 AAAAC3Nz it's me"] }, TimeProvider.System);

        NodeMetadata metadata = CloudConfig.Parse(Read("etcd/user-data"), "user-data", _roles);
        metadata.Hostname.ShouldBe("etcd1");
        metadata.SshAuthorizedKeys.ShouldBe(["ssh-ed25519 AAAAC3Nz it's me"]);
        metadata.Node.Cluster.ShouldBe("demo");
        metadata.Node.Etcd.ShouldBe(new EtcdSettings(3));
        metadata.Node.Secrets.CanSign(ClusterSecrets.EtcdPeer).ShouldBeTrue();
        metadata.Node.Secrets.CanSign(ClusterSecrets.EtcdClient).ShouldBeTrue();
        metadata.Node.Secrets[ClusterSecrets.Kubernetes].ShouldBeEmpty();
        InstanceMetadata.Parse(Read("etcd/meta-data"), "meta-data").InstanceId.ShouldStartWith("seed-");
    }

    [Fact]
    public void The_iso_holds_both_files_under_the_label_that_NoCloud_looks_for()
    {
        SeedResult seed = SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);
        byte[] first = File.ReadAllBytes(seed.Iso);

        Judge.Run("isoinfo", "-d", "-i", seed.Iso).ShouldContain("Volume id: cidata");
        Judge.Run("isoinfo", "-R", "-x", "/user-data", "-i", seed.Iso).ShouldBe(Read("etcd/user-data"));
        Judge.Run("isoinfo", "-R", "-x", "/meta-data", "-i", seed.Iso).ShouldBe(Read("etcd/meta-data"));
        File.ReadAllBytes(SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System).Iso).ShouldBe(first);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("lb")]
    public void A_workers_or_lbs_seed_holds_no_signing_key(string role)
    {
        SeedWriter.Write(Order(role), TimeProvider.System);

        Read($"{role}/user-data").ShouldNotContain("PRIVATE KEY");
        CloudConfig.Parse(Read($"{role}/user-data"), "user-data", _roles).Node.Secrets[ClusterSecrets.Kubernetes].Count.ShouldBe(1);
    }

    [Fact]
    public void An_lbs_seed_holds_one_authoritys_certificate_its_token_and_nothing_else_of_the_clusters_secrets()
    {
        SeedWriter.Write(Order("lb"), TimeProvider.System);

        string userData = Read("lb/user-data");
        string[] secrets =
        [
            .. Directory.EnumerateFiles(_folder["seeds/secrets"]).Where(file => Path.GetExtension(file) is ".key" or ".token" && Path.GetFileName(file) != "lb.token")
                .SelectMany(File.ReadLines).Where(line => line.Length >= 16),
        ];
        secrets.Length.ShouldBeGreaterThan(7, "four authorities' keys, the ServiceAccounts' key, the one of what is stored, and a token: more lines than files");
        secrets.ShouldAllBe(line => !userData.Contains(line, StringComparison.Ordinal));
        NodeSettings lb = Parse("lb");
        lb.Kubernetes.Token!.Text.Reveal().ShouldBe(Read("secrets/lb.token").Trim());
        (lb.Kubernetes.Tokens.Count, lb.Kubernetes.ServiceAccountKeys.Count, lb.Kubernetes.EncryptionKeys.Count).ShouldBe((0, 0, 0));
        ClusterSecrets.AuthorityNames.Where(name => lb.Secrets[name].Count > 0).ShouldBe([ClusterSecrets.Kubernetes]);
        ClusterSecrets.AuthorityNames.ShouldAllBe(name => !lb.Secrets.CanSign(name));
    }

    [Fact]
    public void Further_roles_and_repeated_runs_use_the_same_secrets()
    {
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);
        string first = Read("etcd/user-data");
        SeedWriter.Write(Order("master"), TimeProvider.System);
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);

        Read("etcd/user-data").ShouldBe(first);
        ClusterAuthority master = CloudConfig.Parse(Read("master/user-data"), "user-data", _roles).Node.Secrets[ClusterSecrets.EtcdClient][0];
        ClusterAuthority etcd = CloudConfig.Parse(first, "user-data", _roles).Node.Secrets[ClusterSecrets.EtcdClient][0];
        master.Certificate.ShouldBe(etcd.Certificate);
    }

    [Fact]
    public void Everything_secret_is_for_its_owner_only()
    {
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);

        foreach (string file in Directory.EnumerateFiles(_folder["seeds"], "*", SearchOption.AllDirectories))
        {
            (OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public void A_folder_of_another_cluster_is_refused()
    {
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);

        Refused("BAKE0803", Order("etcd") with { Cluster = "other", Size = 3 }).ShouldContain("cluster 'demo'");
        Refused("BAKE0803", Order("etcd") with { Domain = "example.com", Size = 3 }).ShouldContain("in domain 'k8s'");
    }

    [Theory]
    [InlineData("secrets/etcd-peer.key")]
    [InlineData("secrets/front-proxy.crt")]
    [InlineData("secrets/cluster.json")]
    [InlineData("secrets/service-account.key")]
    [InlineData("secrets/encryption.key")]
    [InlineData("secrets/worker.token")]
    public void An_incomplete_folder_is_refused_and_left_alone(string missing)
    {
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);
        File.Delete(_folder[$"seeds/{missing}"]);

        Refused("BAKE0804", Order("master")).ShouldContain(missing);

        File.Exists(_folder[$"seeds/{missing}"]).ShouldBeFalse();
        Directory.Exists(_folder["seeds/master"]).ShouldBeFalse();
    }

    [Fact]
    public void A_folder_whose_secrets_are_gone_as_a_whole_is_refused()
    {
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);
        Directory.Delete(_folder["seeds/secrets"], recursive: true);

        Refused("BAKE0804", Order("master")).ShouldContain("secrets are missing");
    }

    [Fact]
    public void A_key_of_another_authority_is_refused_without_being_printed()
    {
        SeedWriter.Write(Order("etcd") with { Size = 3 }, TimeProvider.System);
        File.Copy(_folder["seeds/secrets/kubernetes.key"], _folder["seeds/secrets/etcd-peer.key"], overwrite: true);

        Refused("BAKE0804", Order("master")).ShouldNotContain("PRIVATE");
    }

    [Fact]
    public void Masters_and_workers_of_a_cluster_agree()
    {
        SeedWriter.Write(Order("etcd") with { Size = 1 }, TimeProvider.System);
        SeedWriter.Write(Order("master") with { PodCidr = "172.16.0.0/16", ServiceCidr = "172.20.0.0/16", Network = "overlay", Dns = "none", KubeProxy = "none" }, TimeProvider.System);
        SeedWriter.Write(Order("worker"), TimeProvider.System);

        NodeSettings master = Parse("master"), worker = Parse("worker");
        foreach (NodeSettings node in new[] { master, worker })
        {
            (node.Kubernetes.PodCidr.ToString(), node.Kubernetes.ServiceCidr.ToString(), node.Kubernetes.Network, node.Kubernetes.Dns, node.Kubernetes.HasKubeProxy)
                .ShouldBe(("172.16.0.0/16", "172.20.0.0/16", PodNetwork.Overlay, ClusterDnsServer.None, false));
            node.Warnings.ShouldBeEmpty();
        }

        master.Kubernetes.Tokens.Where(token => token.Group == "worker").ShouldHaveSingleItem().Text.ShouldBe(worker.Kubernetes.Token!.Text);
        master.Kubernetes.Tokens[0].AuthenticatedGroup.ShouldBe("system:bootstrappers:worker");
        master.Kubernetes.ServiceAccountKeys.ShouldHaveSingleItem().Private.ShouldNotBeNull();
        master.Kubernetes.EncryptionKeys.ShouldHaveSingleItem();
        (worker.Kubernetes.ServiceAccountKeys.Count, worker.Kubernetes.EncryptionKeys.Count, worker.Kubernetes.Tokens.Count).ShouldBe((0, 0, 0));
        worker.Secrets[ClusterSecrets.Kubernetes][0].Certificate.ShouldBe(master.Secrets[ClusterSecrets.Kubernetes][0].Certificate);
        worker.Secrets.CanSign(ClusterSecrets.Kubernetes).ShouldBeFalse();
    }

    [Fact]
    public void Networks_other_than_those_of_the_first_seed_are_refused()
    {
        SeedWriter.Write(Order("worker"), TimeProvider.System);
        string first = Read("worker/user-data");

        Refused("BAKE0809", Order("master") with { PodCidr = "10.100.0.0/16" }).ShouldContain("10.200.0.0/16");
        Refused("BAKE0809", Order("master") with { ServiceCidr = "10.96.0.0/16" }).ShouldContain("10.32.0.0/24");
        Refused("BAKE0809", Order("master") with { Network = "cni" }).ShouldContain("routed");
        Refused("BAKE0809", Order("master") with { Dns = "none" }).ShouldContain("node");
        Refused("BAKE0809", Order("master") with { KubeProxy = "none" }).ShouldContain("node");
        Directory.Exists(_folder["seeds/master"]).ShouldBeFalse();

        SeedWriter.Write(Order("worker") with { PodCidr = "10.200.0.0/16", Network = "routed" }, TimeProvider.System);
        Read("worker/user-data").ShouldBe(first);
    }

    [Fact]
    public void A_folder_made_before_the_choice_of_a_name_server_stays_with_ours()
    {
        SeedWriter.Write(Order("worker"), TimeProvider.System);
        string recorded = _folder["seeds/secrets/cluster.json"];
        string text = File.ReadAllText(recorded);
        text.ShouldContain("\"dns\": \"node\"");
        File.WriteAllText(recorded, text.Replace(",\n    \"dns\": \"node\"", "", StringComparison.Ordinal));

        Refused("BAKE0809", Order("master") with { Dns = "none" }).ShouldContain("node");
        SeedWriter.Write(Order("master"), TimeProvider.System);
        Parse("master").Kubernetes.Dns.ShouldBe(ClusterDnsServer.Node);
    }

    [Fact]
    public void One_seed_makes_a_machine_that_is_everything_and_stays_small()
    {
        SeedResult seed = SeedWriter.Write(Order("[worker, etcd, master]") with { Size = 1, SshKeys = ["ssh-rsa " + new string('A', 700)] }, TimeProvider.System);

        Path.GetFileName(seed.Iso).ShouldBe("etcd-master-worker.iso");
        seed.UserDataBytes.ShouldBeLessThan(10 * 1024);
        NodeSettings node = Parse("etcd-master-worker");
        node.Roles.ShouldBe(["etcd", "master", "worker"]);
        ClusterSecrets.AuthorityNames.ShouldAllBe(name => node.Secrets.CanSign(name));
        (node.Kubernetes.Token!.Id, node.Etcd!.Size).ShouldBe((node.Kubernetes.Tokens[0].Id, 1));
        node.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void A_single_machine_is_the_whole_cluster_and_is_asked_for_nothing_more()
    {
        SeedResult seed = SeedWriter.Write(new SeedOrder { Cluster = "demo", Single = true, OutputFolder = _folder["seeds"] }, TimeProvider.System);

        Path.GetFileName(seed.Folder).ShouldBe("etcd-master-worker");
        NodeSettings node = Parse("etcd-master-worker");
        (node.IsSingle, node.Etcd!.Size, node.Hosts.Count).ShouldBe((true, 1, 0));
        node.Roles.ShouldBe(["etcd", "master", "worker"]);
        node.Warnings.ShouldBeEmpty();

        SeedOrder same = new() { Cluster = "demo", Single = true, Role = "worker,etcd,master", Size = 1, OutputFolder = _folder["seeds"] };
        string first = Read("etcd-master-worker/user-data");
        SeedWriter.Write(same, TimeProvider.System);
        Read("etcd-master-worker/user-data").ShouldBe(first);
        Refused("BAKE0802", same with { Size = 3 }).ShouldContain("one member of etcd, not one of 3");
        Refused("BAKE0802", same with { Role = "etcd,master" }).ShouldContain("a single machine has each role");
        Refused("BAKE0802", same with { Single = false, Role = null }).ShouldContain("--single");
    }

    [Fact]
    public void Names_that_machines_answer_themselves_stand_in_their_seed()
    {
        HostAddresses[] hosts = [new("etcd.demo.k8s", [IPAddress.Parse("10.0.0.11"), IPAddress.Parse("10.0.0.12")]), new("null", [IPAddress.Parse("10.0.0.13")])];
        SeedWriter.Write(Order("worker") with { Hosts = hosts }, TimeProvider.System);

        Parse("worker").Hosts.Select(host => $"{host.Name}={string.Join('+', host.Addresses)}").ShouldBe(["etcd.demo.k8s=10.0.0.11+10.0.0.12", "null=10.0.0.13"]);

        HostAddresses[] many = [.. Enumerable.Range(0, 900).Select(index => new HostAddresses($"node{index}", [IPAddress.Parse("10.0.0.1")]))];
        Refused("BAKE0806", Order("worker") with { Hosts = many }).ShouldContain("many machines are for DNS");
    }

    [Fact]
    public void A_seed_of_the_default_proxy_has_no_key_that_an_older_image_would_refuse()
    {
        SeedWriter.Write(Order("worker"), TimeProvider.System);
        Read("worker/user-data").ShouldNotContain("kubeProxy");

        SeedWriter.Write(Order("worker") with { OutputFolder = _folder["others"], KubeProxy = "none" }, TimeProvider.System);
        Read("../others/worker/user-data").ShouldContain("    kubeProxy: none\n");
    }

    [Fact]
    public void Bad_orders_are_refused_before_anything_is_written()
    {
        Refused("BAKE0801", Order("etdc"));
        Refused("BAKE0802", Order("etcd"));
        Refused("BAKE0802", Order("etcd") with { Size = 2 });
        Refused("BAKE0802", Order("worker") with { Size = 3 });
        Refused("BAKE0801", Order("etcd,master,etcd")).ShouldContain("stands twice");
        Refused("BAKE0802", Order("master,worker") with { Size = 3 });
        Refused("BAKE0802", Order("etcd") with { Size = 3, PodCidr = "10.0.0.0/16" }).ShouldContain("only masters, workers and lbs");
        Refused("BAKE0802", Order("etcd") with { Size = 3, Dns = "none" }).ShouldContain("only masters, workers and lbs");
        Refused("BAKE0802", Order("worker") with { KubeProxy = "cilium" }).ShouldContain("'kubeProxy' cannot be 'cilium'");
        Refused("BAKE0802", Order("worker") with { Dns = "coredns" }).ShouldContain("'dns' cannot be 'coredns'");
        Refused("BAKE0802", Order("worker") with { Network = "flannel" }).ShouldContain("The network mode 'flannel' is unknown.");
        Refused("BAKE0802", Order("worker") with { PodCidr = "10.32.0.0/16" }).ShouldContain("overlap");
        Refused("BAKE0802", Order("worker") with { ServiceCidr = "10.32.0.5/24" }).ShouldContain("'serviceCidr' cannot be '10.32.0.5/24'");
        Refused("BAKE0802", Order("worker") with { Cluster = "De mo" });
        Refused("BAKE0802", Order("worker") with { SshKeys = ["-----BEGIN OPENSSH PRIVATE KEY-----"] }).ShouldNotContain("BEGIN");

        Directory.Exists(_folder["seeds"]).ShouldBeFalse();
    }

    [Fact]
    public void A_token_that_ends_says_so_to_masters_and_goes_into_no_seed_once_it_has_ended()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        SeedOrder brief = Order("master") with { TokenTimeToLive = TimeSpan.FromHours(24) };
        SeedWriter.Write(brief, new StandingClock(now));
        SeedWriter.Write(brief with { Role = "worker" }, new StandingClock(now.AddHours(1))); // a script gives the option each time
        BootstrapToken token = Parse("master").Kubernetes.Tokens.Where(token => token.Group == "worker").ShouldHaveSingleItem();
        token.Expires.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(now.AddHours(24).ToUnixTimeSeconds()));
        Parse("worker").Kubernetes.Token!.Text.Reveal().ShouldBe(token.Text.Reveal());

        string said = Should.Throw<BakeException>(() => SeedWriter.Write(Order("worker"), new StandingClock(now.AddHours(25)))).Message;
        said.ShouldBe($"BAKE0812  {_folder["seeds"]}  the workers' token {token.Id} ended at {token.ExpiresText}. 'baker token create --role worker --secrets' makes another one that ends, which running masters take.");
        SeedWriter.Write(Order("master"), new StandingClock(now.AddHours(25))); // it accepts no worker with it, as before
    }

    [Fact]
    public void The_lbs_token_ends_with_the_workers_and_is_told_to_masters_with_its_end()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        SeedOrder brief = Order("master") with { TokenTimeToLive = TimeSpan.FromHours(24) };
        SeedWriter.Write(brief, new StandingClock(now));
        SeedWriter.Write(brief with { Role = "lb" }, new StandingClock(now.AddHours(1)));
        BootstrapToken token = Parse("master").Kubernetes.Tokens.Where(token => token.Group == "lb").ShouldHaveSingleItem();
        token.Expires.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(now.AddHours(24).ToUnixTimeSeconds()));

        string said = Should.Throw<BakeException>(() => SeedWriter.Write(Order("lb"), new StandingClock(now.AddHours(25)))).Message;
        said.ShouldBe($"BAKE0812  {_folder["seeds"]}  the lbs' token {token.Id} ended at {token.ExpiresText}. 'baker token create --role lb --secrets' makes another one that ends, which running masters take.");
        File.Delete(_folder["seeds/secrets/lb.token"]); // as in a folder from before lbs had one
        File.Delete(_folder["seeds/secrets/lb.token.expires"]);
        SeedWriter.Write(Order("lb"), new StandingClock(now.AddHours(2)));
        Read("secrets/lb.token.expires").Trim().ShouldBe(token.ExpiresText);
    }

    [Fact]
    public void A_seed_is_strict_where_that_was_asked_and_says_nothing_of_it_otherwise()
    {
        foreach (string role in new[] { "master", "worker", "lb" })
        {
            SeedWriter.Write(Order(role) with { Strict = true }, TimeProvider.System);
            Parse(role).IsStrict.ShouldBeTrue();
            SeedWriter.Write(Order(role), TimeProvider.System);
            Read($"{role}/user-data").ShouldNotContain("strict", Case.Sensitive, "images from before the key refuse it");
        }
    }

    [Fact]
    public void A_token_without_an_end_is_not_made_to_end_by_a_later_seed()
    {
        SeedWriter.Write(Order("master"), TimeProvider.System);
        Parse("master").Kubernetes.Tokens[0].Expires.ShouldBeNull();
        Refused("BAKE0811", Order("worker") with { TokenTimeToLive = TimeSpan.FromHours(24) }).ShouldContain("the workers' token in ");
        Refused("BAKE0811", Order("lb") with { TokenTimeToLive = TimeSpan.FromHours(24) }).ShouldContain("the lbs' token in ");
        Directory.Exists(_folder["seeds/worker"]).ShouldBeFalse();
    }

    [Fact]
    public void User_data_stays_under_16_KiB()
    {
        string key = "ssh-rsa " + new string('A', 700);

        SeedWriter.Write(Order("master") with { SshKeys = [key] }, TimeProvider.System).UserDataBytes.ShouldBeLessThan(8 * 1024);
        Refused("BAKE0806", Order("master") with { SshKeys = [.. Enumerable.Repeat(key, 30)] }).ShouldContain("16384");
        Encoding.UTF8.GetByteCount(Read("master/user-data")).ShouldBeLessThan(8 * 1024);
    }

    [Fact]
    public void Masters_take_the_lbs_token_and_all_machines_know_where_the_API_is()
    {
        SeedWriter.Write(Order("master") with { Endpoint = "lb", MastersVip = "10.240.0.20", LbVip = "10.240.0.40", VipInterval = "0.5", ApiNames = ["kubernetes.example.com"] }, TimeProvider.System);
        SeedWriter.Write(Order("lb") with { LbPorts = ["80", "443:30443"], ProxyProtocol = true }, TimeProvider.System);
        SeedWriter.Write(Order("worker"), TimeProvider.System);

        NodeSettings lb = Parse("lb");
        Parse("master").Kubernetes.Tokens.Select(token => (token.Group, token.Text.Reveal())).ShouldContain(("lb", lb.Kubernetes.Token!.Text.Reveal()));
        lb.Lb.Ports.ShouldBe([new LbPort(80, 80), new LbPort(443, 30443)]);
        lb.Lb.ProxyProtocol.ShouldBeTrue();
        foreach (string role in new[] { "master", "lb", "worker" })
        {
            KubernetesSettings kubernetes = Parse(role).Kubernetes;
            (kubernetes.Endpoint, kubernetes.Vip.Masters!.ToString(), kubernetes.Vip.Lb!.ToString(), kubernetes.ApiNames[0]).ShouldBe((ApiEndpoint.Lb, "10.240.0.20", "10.240.0.40", "kubernetes.example.com"));
            kubernetes.Vip.Interval.ShouldBe(0.5m);
        }

        Refused("BAKE0809", Order("worker") with { MastersVip = "10.240.0.20", VipInterval = "1" }).ShouldContain("--vip-interval");
        Refused("BAKE0802", Order("etcd") with { VipInterval = "0.5", Size = 1 }).ShouldContain("only masters, workers and lbs");

        Refused("BAKE0809", Order("worker") with { Endpoint = "dns" }).ShouldContain("lb");
    }

    [Fact]
    public void Masters_and_lbs_know_one_pool_and_others_none()
    {
        Refused("BAKE0802", Order("worker") with { LbPool = "10.240.0.64/28" }).ShouldContain("'pool' needs the lbs' virtual address");
        Refused("BAKE0802", Order("lb") with { LbVip = "10.240.0.40", LbPool = "10.240.0.65/28" }).ShouldContain("'pool' cannot hold '10.240.0.65/28'");
        SeedWriter.Write(Order("worker") with { LbVip = "10.240.0.40", LbPool = "10.240.0.64/28,10.240.0.9" }, TimeProvider.System);
        SeedWriter.Write(Order("master"), TimeProvider.System);
        SeedWriter.Write(Order("lb") with { LbPorts = ["80"] }, TimeProvider.System);

        Parse("worker").Lb.Pool.IsEmpty.ShouldBeTrue();
        foreach (string role in new[] { "master", "lb" })
        {
            Parse(role).Lb.Pool.Addresses.Count().ShouldBe(17);
        }

        Refused("BAKE0809", Order("lb") with { LbVip = "10.240.0.40", LbPool = "10.240.0.64/29" }).ShouldContain("--lb-pool");
    }

    [Fact]
    public void A_folder_that_was_made_before_lbs_had_a_token_gets_one()
    {
        SeedWriter.Write(Order("worker"), TimeProvider.System);
        File.Delete(_folder["seeds/secrets/lb.token"]);
        SeedWriter.Write(Order("lb"), TimeProvider.System);

        Parse("lb").Kubernetes.Token!.Text.Reveal().ShouldBe(Read("secrets/lb.token").Trim());
        Refused("BAKE0802", Order("worker") with { LbPorts = ["80"] }).ShouldContain("only an lb forwards ports");
    }

    private SeedOrder Order(string role) => new() { Cluster = "demo", Role = role, OutputFolder = _folder["seeds"] };

    private NodeSettings Parse(string seed) => CloudConfig.Parse(Read($"{seed}/user-data"), "user-data", _roles).Node;

    private string Read(string name) => File.ReadAllText(_folder[$"seeds/{name}"]);

    private static string Refused(string code, SeedOrder order)
    {
        BakeException refusal = Should.Throw<BakeException>(() => SeedWriter.Write(order, TimeProvider.System));
        refusal.Code.ShouldBe(code);
        return refusal.Message;
    }

    private sealed class StandingClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
