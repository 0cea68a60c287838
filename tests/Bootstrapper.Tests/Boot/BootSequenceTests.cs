using System.Text.Json;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Boot;

public sealed class BootSequenceTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_disc_makes_the_machine_an_etcd_member()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        NodeIdentity identity = await _machine.BootAsync();
        _machine.ConsoleLines.ShouldBe([
            "datasource NoCloud (/dev/sr0, cidata) after 0.0 s",
            "role etcd, cluster demo.k8s, host etcd-01234567, address 10.0.0.11",
        ]);
        identity.FirstBoot.ShouldBe(_machine.Time.GetUtcNow());
        _machine.Get("/etc/hostname").ShouldBe("etcd-01234567\n");
        _machine.KernelName.ShouldBe("etcd-01234567");
        _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 AAAA me\n");
        _machine.Get("/run/bootstrapper/node.env").ShouldBe("""
            NODE_HOSTNAME=etcd-01234567
            NODE_ADDRESS=10.0.0.11
            NODE_ROLES=etcd
            NODE_INSTANCE_ID="i-1"
            CLUSTER_NAME=demo
            CLUSTER_DOMAIN=k8s

            """);
        Directory.GetFiles(_machine.Root[NodePaths.Gates]).Select(Path.GetFileName).ShouldBe(["etcd.service"]);
        NodeState state = NodeState.Load(_machine.Root);
        state.Metadata.Node.Etcd!.Size.ShouldBe(3);
        state.Roles.Single().Role.ShouldBe("etcd");
    }

    [Fact]
    public async Task A_container_looks_at_nothing_that_is_its_hosts()
    {
        _machine.Put(NodePaths.InContainer, "images\n");
        _machine.Put(NodePaths.InUserNamespace, "");
        _machine.Put("/proc/cmdline", "node.config=http://127.0.0.1:1/host ds=nocloud;s=http://127.0.0.1:1/\n");
        _machine.Put("/sys/class/dmi/id/product_serial", "ds=nocloud;s=http://127.0.0.1:1/\n");
        _machine.Put("/sys/firmware/qemu_fw_cfg/by_name/opt/org.images/config/raw", "#cloud-config\n");
        _machine.InsertSeed("#cloud-config\n");
        _machine.OnVolumeRead = _ => throw new InvalidOperationException("a disk of the host");
        _machine.Put("/var/lib/cloud/seed/nocloud/user-data", FakeMachine.EtcdUserData());
        _machine.Put("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: i-1\n");

        await _machine.BootAsync();

        WhyDocument why = JsonSerializer.Deserialize(_machine.Get(NodePaths.Trace), ReportJson.Default.WhyDocument)!;
        why.Probes.Select(probe => probe.Source).ShouldBe(["NoCloud folder"]);
        why.Decisions[0].Text.ShouldBe("this node is a container: only the seed folder is asked for metadata; command line, firmware and disks are its host's");
        NodeState.Load(_machine.Root).Launcher.ShouldBe(new LauncherWords { IsInUserNamespace = true });
    }

    [Fact]
    public async Task Names_of_the_metadata_are_said_and_put_where_programs_look_and_follow_the_metadata_of_the_next_boot()
    {
        const string Hosts = "hosts: { etcd.demo.k8s: [10.0.0.12, 10.0.0.13], masters.demo.k8s: 10.0.0.21, api.example.com: 10.0.0.21 }";
        _machine.Put("/etc/hosts", "127.0.0.1\tlocalhost\n");
        _machine.InsertSeed(FakeMachine.EtcdUserData().Replace("roles: [etcd]", $"roles: [etcd]\n  {Hosts}", StringComparison.Ordinal));

        await _machine.BootAsync();

        WhyDocument why = JsonSerializer.Deserialize(_machine.Get(NodePaths.Trace), ReportJson.Default.WhyDocument)!;
        why.Decisions.Select(decision => decision.Text).ShouldContain(
            "answered by this machine itself, without DNS: "
            + "etcd.demo.k8s 10.0.0.12, 10.0.0.13; masters.demo.k8s 10.0.0.21; api.example.com 10.0.0.21");
        _machine.ConsoleText.ShouldContain("warning: node.hosts gives etcd.demo.k8s the addresses 10.0.0.12, 10.0.0.13, and this machine, which has the role, is 10.0.0.11\n");
        _machine.Get("/etc/hosts").ShouldContain("10.0.0.13\tetcd.demo.k8s\n10.0.0.21\tmasters.demo.k8s\n");

        _machine.Reboot();
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Get("/etc/hosts").ShouldBe("127.0.0.1\tlocalhost\n");
        _machine.ConsoleText.ShouldNotContain("warning");
    }

    [Fact]
    public async Task What_stands_where_a_launcher_leaves_its_words_means_nothing_on_a_machine()
    {
        _machine.Put(NodePaths.HasCgroupV1, "");
        _machine.InsertSeed(FakeMachine.EtcdUserData());

        await _machine.BootAsync();

        NodeState.Load(_machine.Root).Launcher.ShouldBe(LauncherWords.None);
    }

    [Fact]
    public async Task No_secret_reaches_console_status_trace_or_identity()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData("packages: [x]\n"));
        await _machine.BootAsync();
        string said = _machine.ConsoleText + _machine.Get(NodePaths.Status) + _machine.Get(NodePaths.Trace) + _machine.Get(NodePaths.Identity) + _machine.Get(NodePaths.NodeEnvironment);
        said.ShouldNotContain("PRIVATE");
        said.ShouldNotContain(FakeMachine.KeyText);
        _machine.ConsoleText.ShouldContain("keys of user-data that this image ignores: packages (line ");
        _machine.Get(NodePaths.Trace).ShouldContain("keys of user-data that this image ignores: packages (line ");
    }

    [Fact]
    public async Task Without_metadata_the_console_says_every_thirty_seconds_what_was_looked_for()
    {
        using CancellationTokenSource stop = new();
        Task boot = Task.Run(() => _machine.BootAsync(stop.Token));
        await WaitForAsync(() => _machine.ConsoleLines.Length >= 3);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(boot);
        string looked = "kernel command line (no node.config= and no ds=nocloud), SMBIOS serial number (no ds=nocloud), fw_cfg (this machine has none), "
            + "NoCloud folder (no /var/lib/cloud/seed/nocloud), NoCloud (no volume labelled cidata on vda)";
        _machine.ConsoleLines[..3].ShouldBe([
            $"waiting for metadata since 10 s; looked for: {looked}",
            $"waiting for metadata since 40 s; looked for: {looked}",
            $"waiting for metadata since 70 s; looked for: {looked}",
        ]);
        ExpectNothingDecided();
    }

    [Fact]
    public async Task Broken_user_data_is_named_with_its_place_and_a_better_disc_is_taken()
    {
        _machine.InsertSeed("#cloud-config\nnode:\n  cluster: demo\n  roles: [etcd]\n  sise: 3\n");
        _machine.OnVolumeRead = read =>
        {
            if (read == 8)
            {
                ExpectNothingDecided();
                _machine.InsertSeed(FakeMachine.EtcdUserData());
            }
        };
        await _machine.BootAsync();
        string refusal = "NODE0001  NoCloud (/dev/sr0, cidata) user-data:5:3  The key 'sise' is unknown. Known here: cluster, domain, role, roles, single, hosts, address, labels, etcd, lb, kubernetes, pki, certificateValidityPeriod, strict.";
        _machine.ConsoleLines.ShouldBe([
            $"metadata refused: {refusal}",
            $"waiting for other metadata since 30 s; refused: {refusal}",
            $"waiting for other metadata since 60 s; refused: {refusal}",
            "datasource NoCloud (/dev/sr0, cidata) after 70.0 s",
            "role etcd, cluster demo.k8s, host etcd-01234567, address 10.0.0.11",
        ]);
    }

    [Fact]
    public async Task A_bracket_bomb_is_one_more_broken_user_data()
    {
        _machine.InsertSeed("#cloud-config\n" + new string('[', 200_000));
        _machine.OnVolumeRead = read =>
        {
            if (read == 2)
            {
                ExpectNothingDecided();
                _machine.InsertSeed(FakeMachine.EtcdUserData());
            }
        };
        await _machine.BootAsync();
        _machine.ConsoleLines[0].ShouldBe("metadata refused: NODE0001  NoCloud (/dev/sr0, cidata) user-data:2:65  The text is nested more than 64 levels deep. Nest less.");
    }

    [Fact]
    public async Task Without_a_default_route_the_machine_says_that_it_waits_for_an_address()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        _machine.DefaultRoute = null;
        Task boot = Task.Run(() => _machine.BootAsync());
        await WaitForAsync(() => _machine.ConsoleLines.Length >= 3);
        _machine.DefaultRoute = System.Net.IPAddress.Parse("10.0.0.12");
        await boot;
        _machine.ConsoleLines[1].ShouldStartWith("waiting for an address since 10 s; no interface has an IPv4 default route");
        _machine.ConsoleLines[2].ShouldStartWith("waiting for an address since 40 s; ");
        _machine.ConsoleLines[^1].ShouldEndWith("address 10.0.0.12");
    }

    [Fact]
    public async Task A_given_address_that_no_interface_carries_is_waited_for_by_name()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData().Replace("roles: [etcd]", "roles: [etcd]\n  address: 10.0.0.44", StringComparison.Ordinal));
        Task<NodeIdentity> boot = Task.Run(() => _machine.BootAsync());
        await WaitForAsync(() => _machine.ConsoleLines.Length >= 3);
        _machine.Carried = [new InterfaceAddress("eth1", System.Net.IPAddress.Parse("10.0.0.44"))];
        (await boot).Address.ShouldBe("10.0.0.44");
        string reason = "the metadata gives it as node.address and no interface carries it: eth0 has 10.0.0.11, lo has 127.0.0.1";
        _machine.ConsoleLines[1..3].ShouldBe([$"waiting for 10.0.0.44 since 10 s; {reason}", $"waiting for 10.0.0.44 since 40 s; {reason}"]);
    }

    [Fact]
    public void The_interfaces_of_this_host_carry_its_loopback_address() =>
        InterfaceAddress.OfMachine().ShouldContain(new InterfaceAddress("lo", System.Net.IPAddress.Loopback));

    [Fact]
    public async Task A_second_boot_keeps_the_identity_and_follows_keys_and_address()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        NodeIdentity first = await _machine.BootAsync();
        _machine.Reboot();
        _machine.Time.Advance(TimeSpan.FromDays(1));
        _machine.InsertSeed(FakeMachine.EtcdUserData().Replace("AAAA me", "BBBB you", StringComparison.Ordinal));
        _machine.DefaultRoute = System.Net.IPAddress.Parse("10.0.0.99");
        NodeIdentity second = await _machine.BootAsync();
        second.FirstBoot.ShouldBe(first.FirstBoot);
        second.Hostname.ShouldBe(first.Hostname);
        _machine.ConsoleText.ShouldContain("the address was 10.0.0.11 and is now 10.0.0.99");
        _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 BBBB you\n");
    }

    [Fact]
    public async Task A_second_boot_without_its_disc_takes_the_copy()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.EjectSeed();
        await _machine.BootAsync();
        _machine.ConsoleLines.ShouldContain("datasource copy of an earlier boot: no usable metadata was found on this boot");
        _machine.ConsoleLines[^1].ShouldBe("role etcd, cluster demo.k8s, host etcd-01234567, address 10.0.0.11");
        _machine.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task A_second_boot_with_a_broken_disc_says_so_and_takes_the_copy()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.InsertSeed("#cloud-config\nnode: [\n");
        await _machine.BootAsync();
        _machine.ConsoleLines[0].ShouldStartWith("metadata refused: NODE0001  NoCloud (/dev/sr0, cidata) user-data:");
        _machine.ConsoleLines[^1].ShouldStartWith("role etcd, ");
    }

    [Fact]
    public async Task Another_cluster_under_the_same_instance_id_is_refused_and_nothing_changes()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.InsertSeed(FakeMachine.EtcdUserData(cluster: "other"));
        NodeIdentity identity = await _machine.BootAsync();
        identity.Cluster.ShouldBe("demo");
        _machine.ConsoleLines.ShouldContain("metadata refused: NODE0003  cluster is demo, metadata says other; the machine stays what it is. Run 'bootstrapper reset --yes' or give a new instance-id.");
    }

    [Theory]
    [InlineData("10.200.3.4", "the pods' network 10.200.0.0/16")]
    [InlineData("10.32.0.9", "the Services' network 10.32.0.0/24")]
    [InlineData("198.18.3.4", "the overlay's network 198.18.0.0/15")]
    public async Task A_machine_whose_address_pods_or_Services_would_have_says_so_and_starts_nothing(string address, string network)
    {
        _machine.DefaultRoute = System.Net.IPAddress.Parse(address);
        _machine.InsertSeed(WorkerUserData(withKey: false).Replace("{token", "{network: overlay, token", StringComparison.Ordinal));

        BootFailure failure = await Should.ThrowAsync<BootFailure>(_machine.BootAsync());
        failure.Message.ShouldBe($"NODE0004  node.kubernetes: {network} overlaps with the machine's own network, {address}; choose other networks in the metadata of all masters and workers");
        Directory.Exists(_machine.Root[NodePaths.Gates]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_whose_metadata_holds_a_signing_key_says_so_once_and_goes_on(bool withKey)
    {
        _machine.InsertSeed(WorkerUserData(withKey));

        (await _machine.BootAsync()).Roles.ShouldBe(["worker"]);
        _machine.ConsoleLines.Count(line => line.StartsWith("warning: the metadata holds the key of the authority kubernetes, which no worker needs", StringComparison.Ordinal)).ShouldBe(withKey ? 1 : 0);
        _machine.ConsoleText.ShouldNotContain("PRIVATE");
    }

    [Fact]
    public async Task Roles_in_another_order_are_the_same_roles()
    {
        string userData = FakeMachine.EtcdUserData();
        _machine.InsertSeed(userData.Replace("[etcd]", "[etcd, cache]", StringComparison.Ordinal));
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.InsertSeed(userData.Replace("[etcd]", "[cache, etcd]", StringComparison.Ordinal));
        (await _machine.BootAsync()).Roles.ShouldBe(["cache", "etcd"]);
        _machine.ConsoleText.ShouldNotContain("refused");
    }

    [Fact]
    public async Task Gzip_with_multi_part_mime_inside_is_refused_by_name()
    {
        using MemoryStream packed = new();
        using (System.IO.Compression.GZipStream gzip = new(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write("Content-Type: multipart/mixed; boundary=x\n\n--x\n"u8);
        }

        _machine.InsertSeed("");
        _machine.Put("/seeds/sr0/user-data", packed.ToArray());
        _machine.OnVolumeRead = read =>
        {
            if (read == 2)
            {
                _machine.InsertSeed(FakeMachine.EtcdUserData());
            }
        };
        await _machine.BootAsync();
        _machine.ConsoleLines[0].ShouldBe("metadata refused: NODE0001  NoCloud (/dev/sr0, cidata) user-data:1:1  Multi-part MIME user-data is not supported. Write one YAML document whose first line is #cloud-config.");
    }

    [Fact]
    public async Task A_second_boot_follows_time_servers_files_and_certificates_of_changed_metadata()
    {
        string first = AuthorityPem.Create("first").Certificate;
        string second = AuthorityPem.Create("second").Certificate;
        string More(string server, string text, string certificate) => $"""
            ntp: {"{"} servers: [{server}] {"}"}
            write_files: [{"{"} path: /etc/motd, content: {text} {"}"}]
            ca_certs: {"{"} remove_defaults: true, trusted: ["{certificate.Replace("\n", "\\n", StringComparison.Ordinal)}"] {"}"}
            """;
        _machine.InsertSeed(FakeMachine.EtcdUserData(More("10.0.0.1", "AAAA", first)));
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.InsertSeed(FakeMachine.EtcdUserData(More("10.0.0.2", "BBBB", second)));
        await _machine.BootAsync();
        _machine.Get("/etc/systemd/timesyncd.conf.d/50-metadata.conf").ShouldBe("[Time]\nNTP=10.0.0.2\n");
        _machine.Get("/etc/motd").ShouldBe("BBBB");
        _machine.Get("/etc/ssl/certs/ca-certificates.crt").ShouldBe(second);
    }

    [Fact]
    public async Task A_key_of_another_authority_is_found_when_the_machine_boots()
    {
        string good = FakeMachine.EtcdUserData();
        string other = Images.TestSupport.AuthorityPem.Create("other").ToYaml();
        _machine.InsertSeed(good.Replace($"etcd-client: {FakeMachine.Authority}", $"etcd-client: {other.Split(", key:")[0]}, key:{FakeMachine.Authority.Split(", key:")[1]}", StringComparison.Ordinal));
        _machine.OnVolumeRead = read =>
        {
            if (read == 2)
            {
                _machine.InsertSeed(good);
            }
        };
        await _machine.BootAsync();
        _machine.ConsoleLines[0].ShouldStartWith("metadata refused: NODE0001  NoCloud (/dev/sr0, cidata) user-data:9:");
        _machine.ConsoleLines[0].ShouldContain("node.pki.etcd-client[0]: certificate and key do not belong together.");
    }

    [Fact]
    public async Task A_new_instance_id_may_change_the_role_and_sets_the_old_data_aside()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Put("/var/lib/etcd/member/wal/0", "data");
        _machine.Put("/var/lib/bootstrapper/pki/etcd/peer.key", "key");
        _machine.Reboot();
        _machine.InsertSeed("#cloud-config\nnode: {cluster: demo, role: cache}\n", "instance-id: i-2\n");
        NodeIdentity identity = await _machine.BootAsync();
        identity.Roles.ShouldBe(["cache"]);
        identity.InstanceId.ShouldBe("i-2");
        _machine.Has("/var/lib/etcd/member/wal/0").ShouldBeFalse();
        _machine.Has("/var/lib/bootstrapper/pki/etcd/peer.key").ShouldBeFalse();
        _machine.Get("/var/lib/bootstrapper-old/1/var/lib/etcd/member/wal/0").ShouldBe("data");
        Directory.GetFiles(_machine.Root[NodePaths.Gates]).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["containerd.service", "kubelet.service"]);
    }

    [Fact]
    public async Task A_new_instance_id_with_the_same_role_keeps_the_data()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Put("/var/lib/etcd/member/wal/0", "data");
        _machine.Reboot();
        _machine.InsertSeed(FakeMachine.EtcdUserData(), "instance-id: i-2\n");
        (await _machine.BootAsync()).InstanceId.ShouldBe("i-2");
        _machine.Get("/var/lib/etcd/member/wal/0").ShouldBe("data");
    }

    [Fact]
    public async Task Setting_aside_that_a_power_cut_interrupted_is_taken_up_again()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Put("/var/lib/etcd/member/wal/0", "data");
        byte[] identity = File.ReadAllBytes(_machine.Root[NodePaths.Identity]);
        _machine.Reboot();
        new RoleData(_machine.Root, _machine.Roles).SetAside(new IdentityStore(_machine.Root).LoadIdentity()!);
        File.Delete(_machine.Root["/var/lib/bootstrapper-old/1/var/lib/bootstrapper/identity.json"]);
        _machine.Put(NodePaths.Identity, identity); // the moment before the last move
        _machine.InsertSeed("#cloud-config\nnode: {cluster: demo, role: cache}\n", "instance-id: i-2\n");
        (await _machine.BootAsync()).Roles.ShouldBe(["cache"]);
        _machine.Has("/var/lib/bootstrapper-old/1/var/lib/bootstrapper/identity.json").ShouldBeTrue();
        _machine.Get("/var/lib/bootstrapper-old/1/var/lib/etcd/member/wal/0").ShouldBe("data");
    }

    [Fact]
    public async Task A_time_zone_that_the_image_has_is_set()
    {
        _machine.Put("/usr/share/zoneinfo/Europe/Paris", "TZif2");
        _machine.Put("/etc/localtime", "the image's");
        _machine.InsertSeed(FakeMachine.EtcdUserData("timezone: Europe/Paris"));
        await _machine.BootAsync();
        new FileInfo(_machine.Root["/etc/localtime"]).LinkTarget.ShouldBe("/usr/share/zoneinfo/Europe/Paris");
    }

    [Fact]
    public async Task What_cannot_be_applied_is_said_and_the_rest_is_done()
    {
        string certificate = AuthorityPem.Create("x").Certificate;
        _machine.Put("/etc/ssl/certs/ca-certificates.crt", "OLD\n");
        _machine.Put("/etc/file", "folder stands in the way");
        _machine.InsertSeed(FakeMachine.EtcdUserData($$"""
            timezone: Mars/Olympus
            write_files:
              - {path: /etc/file/x, content: a}
              - {path: /etc/motd, content: "hello\n", permissions: '0600'}
              - {path: /etc/motd, content: "world\n", append: true}
            ca_certs:
              trusted: ["{{certificate.Replace("\n", "\\n", StringComparison.Ordinal)}}"]
            """));
        await _machine.BootAsync();
        _machine.ConsoleLines.ShouldContain("cannot apply timezone: this image does not have the time zone Mars/Olympus");
        _machine.ConsoleText.ShouldContain("cannot apply write_files /etc/file/x: ");
        _machine.Get("/etc/motd").ShouldBe("hello\nworld\n");
        _machine.Get("/etc/ssl/certs/ca-certificates.crt").ShouldBe("OLD\n" + certificate);
        _machine.ConsoleLines[^1].ShouldStartWith("role etcd, ");
    }

    [Fact]
    public async Task The_status_file_follows_the_sequence()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        StatusDocument status = StatusFile.Read(_machine.Root)!;
        status.Phase.ShouldBe(StatusDocument.StartingRoles);
        status.MetadataSource.ShouldBe("NoCloud (/dev/sr0, cidata)");
        status.Identity!.Cluster.ShouldBe("demo");
    }

    [Fact]
    public async Task A_machine_without_machine_id_is_refused()
    {
        _machine.Put("/etc/machine-id", "");
        (await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync())).Message.ShouldStartWith("NODE0105  /etc/machine-id: this is no machine-id");
    }

    /// <summary>No identity, no files of the metadata, no service that may start.</summary>
    private void ExpectNothingDecided()
    {
        _machine.Has(NodePaths.Identity).ShouldBeFalse();
        Directory.Exists(_machine.Root[NodePaths.Metadata]).ShouldBeFalse();
        Directory.Exists(_machine.Root[NodePaths.Gates]).ShouldBeFalse();
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (int tries = 0; !condition() && tries < 2000; tries++)
        {
            await Task.Delay(5);
        }
    }

    private static string WorkerUserData(bool withKey)
    {
        AuthorityPem authority = AuthorityPem.Create("demo kubernetes");
        string yaml = withKey ? authority.ToYaml() : authority.ToYaml().Split(", key:")[0] + " }]";
        return $"#cloud-config\nnode:\n  cluster: demo\n  role: worker\n  kubernetes: {{token: abcdef.0123456789abcdef}}\n  pki: {{kubernetes: {yaml}}}\n";
    }
}
