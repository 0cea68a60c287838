using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>One machine, role etcd, size 1, on a disk larger than the image.</summary>
public sealed class SingleEtcdTests : IDisposable
{
    private const string Address = "10.240.0.11";
    private const int RendezvousPort = 2378;

    private readonly string _folder = BakedImage.RunFolder(nameof(SingleEtcdTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;

    public SingleEtcdTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
    }

    [Fact]
    public void A_machine_becomes_etcd_from_its_seed_serves_mutual_TLS_only_and_a_reboot_on_a_bigger_disk_keeps_all_it_had()
    {
        // its address is not reserved: it keeps the one it got only by staying the same DHCP client
        using VirtualMachine machine = new(new VirtualMachineOptions { Name = "leased", Folder = _folder, Seed = _seeds.Role("etcd", size: 1), Network = _network });
        EtcdClient client = new(_network, _seeds);
        ClientIdentity peer = _seeds.Client("etcd-peer");
        ClusterSeeds others = OfTheSameName();
        ClientIdentity stranger = others.Client("etcd-client"), strangePeer = others.Client("etcd-peer");
        machine.Start();
        machine.WaitFor("bootstrapper: datasource NoCloud", 240);
        machine.Address = RoleAddress(machine);
        _network.SetRecords("etcd.demo.k8s", [machine.Address]);
        machine.WaitFor("bootstrapper: ready: etcd.service", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);

        client.Run([machine.Address], "put", "greeting", "hello").ShouldContain("OK");
        client.Run([machine.Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");
        string Get(string path) => $"GET {path} HTTP/1.1\r\nHost: {machine.Address}\r\nConnection: close\r\n\r\n";
        ExpectMutualTlsOnly(client, machine.Address, 2379, Get("/health"), "{\"health\":\"true\"", client.Identity, stranger);
        ExpectMutualTlsOnly(client, machine.Address, 2380, Get("/version"), "\"etcdserver\":\"3.", peer, strangePeer, client.Identity);
        ExpectMutualTlsOnly(client, machine.Address, RendezvousPort, "{}\n", "\"cluster\":\"demo", peer, strangePeer, client.Identity);
        JudgeResult unanswered = client.TryWithoutCertificate([machine.Address], "get", "greeting");
        unanswered.ExitCode.ShouldNotBe(0);
        unanswered.Output.ShouldBeEmpty();

        machine.Ssh(_seeds.SshKey, "sudo cat /dev/vcs1").ShouldContain("bootstrapper: ready: etcd.service after ", Case.Sensitive, "what stands on the screen; vcs(4)");
        machine.Ssh(_seeds.SshKey, "systemctl is-system-running", mayFail: true).Trim().ShouldBe("running");
        machine.Ssh(_seeds.SshKey, "systemctl --failed --no-legend").Trim().ShouldBeEmpty();
        long stateKibibytes = StateKibibytes(machine);
        stateKibibytes.ShouldBeGreaterThan(4 * 1024 * 1024, "state did not grow to the disk");
        machine.Ssh(_seeds.SshKey, "sudo grep ^root: /etc/shadow").ShouldStartWith("root:!", Case.Sensitive, "root must be locked");
        machine.Ssh(_seeds.SshKey, "/usr/lib/bootstrapper/bootstrapper reset --yes 2>&1", mayFail: true).ShouldBe("bootstrapper: NODE0603  What a reset empties belongs to root. This needs root: run it with sudo.\n");
        EtcdClusterView cluster = client.View(machine.Address);
        ExpectPeersStatusAndReasons(machine, cluster.Members.ShouldHaveSingleItem());
        string before = WhatMustStay(machine), etc = Etc(machine);
        ChangeEtc(machine);
        Etc(machine).ShouldNotBe(etc);

        machine.Shutdown(_seeds.SshKey);
        machine.GrowDisk(10240);
        machine.Start();
        RoleAddress(machine).ShouldBe(machine.Address);
        machine.WaitFor("bootstrapper: ready: etcd.service", 300);
        WhatMustStay(machine).ShouldBe(before);
        Etc(machine).ShouldBe(etc, "/etc must be derived from the image and the metadata again");
        StateKibibytes(machine).ShouldBeGreaterThan(stateKibibytes + (1536 * 1024), "state did not grow with the disk");
        EtcdClusterView clusterAfter = client.View(machine.Address);
        clusterAfter.ClusterId.ShouldBe(cluster.ClusterId);
        clusterAfter.Members.ShouldBe(cluster.Members);
        client.Run([machine.Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");

        ResetAndReboot(machine);
        machine.WaitFor("bootstrapper: ready: etcd.service", 300);
        client.View(machine.Address).Members.ShouldHaveSingleItem().Name.ShouldNotBe(cluster.Members[0].Name);
        client.Run([machine.Address], "get", "--print-value-only", "greeting").ShouldBeEmpty();
    }

    [Fact]
    public void A_name_that_does_not_resolve_is_said_with_the_server_that_was_asked_until_it_does()
    {
        using Machine machine = Machine.New(new MachineOptions
        {
            Name = "reserved",
            Folder = _folder,
            Seed = _seeds.Role("etcd", size: 1),
            Network = _network,
            Address = Address,
            JournalOnConsole = true,
        });
        machine.Start();
        Match waiting = machine.WaitFor(@"bootstrapper: etcd\.service: waiting for .*etcd\.demo\.k8s.* since .*", 300);
        waiting.Value.ShouldContain(LabNetwork.Gateway, Case.Insensitive, "the line should name the DNS server");
        _network.SetRecords("etcd.demo.k8s", [Address]);
        machine.WaitFor("bootstrapper: ready: etcd.service", 120);

        // the words that WithoutMetadataTests do not find where the metadata is refused
        machine.WaitFor(@"systemd\[1\]: Starting etcd\.service", 1);
        machine.WaitFor(@"systemd\[1\]: Reached target roles\.target", 30);
    }

    public void Dispose() => _network.Dispose();

    private static string RoleAddress(VirtualMachine machine) =>
        machine.WaitFor(@"bootstrapper: role etcd, cluster demo\.k8s, host etcd-[0-9a-f]{8}, address (10\.240\.0\.2\d\d)", 240).Groups[1].Value;

    /// <summary>
    /// With a certificate of the port's authority the question is answered; without one, and with others', it is not, and etcd names the
    /// reason in an alert.
    /// </summary>
    private static void ExpectMutualTlsOnly(EtcdClient client, string address, int port, string question, string answer, ClientIdentity own, params ClientIdentity[] others)
    {
        client.Ask(address, port, question, own).ShouldContain(answer);
        foreach (ClientIdentity? other in (ClientIdentity?[])[null, .. others])
        {
            string refusal = client.Ask(address, port, question, other);
            refusal.ShouldNotContain(answer, Case.Insensitive, $"port {port}, {other}");
            if (port != RendezvousPort)
            {
                refusal.ShouldMatch(other is null ? "alert certificate required" : "alert (unknown ca|bad certificate)", $"port {port}, {other}");
            }
        }
    }

    /// <summary>
    /// Another cluster that is called the same, so that its authorities have the same names. Its certificates are made before the machine starts:
    /// an emulated clock falls behind, and a certificate that is not valid yet is refused for that.
    /// </summary>
    private ClusterSeeds OfTheSameName()
    {
        ClusterSeeds others = new(Path.Combine(_folder, "other-cluster"));
        others.Role("etcd", size: 1);
        return others;
    }

    /// <summary>Nothing of its identity and its data is left, and it decides anew.</summary>
    private void ResetAndReboot(VirtualMachine machine)
    {
        machine.Ssh(_seeds.SshKey, "sudo bootstrapper reset --yes").ShouldStartWith("Emptied /var/lib/bootstrapper, /var/lib/etcd. Reboot:");
        machine.Ssh(_seeds.SshKey, "systemctl is-active etcd.service bootstrapper-agent.service", mayFail: true).ShouldBe("inactive\ninactive\n");
        machine.Ssh(_seeds.SshKey, "sudo find /var/lib/bootstrapper /var/lib/etcd -mindepth 1").ShouldBeEmpty();
        machine.Shutdown(_seeds.SshKey);
        machine.Start();
    }

    /// <summary>What the console, <c>status</c> and <c>why</c> tell the administrator.</summary>
    private void ExpectPeersStatusAndReasons(VirtualMachine machine, EtcdMemberView member)
    {
        string address = Regex.Escape(machine.Address), id = member.Id.ToString("x", CultureInfo.InvariantCulture);
        machine.WaitFor($@"bootstrapper: peers of etcd\.demo\.k8s\.: {address}$", 1);

        // the agent looks at the peers now and then
        machine.Ssh(_seeds.SshKey, "for second in $(seq 60); do sudo bootstrapper status | grep -q '^peer .* healthy' && exit; sleep 1; done; sudo bootstrapper status; exit 1");
        string status = machine.Ssh(_seeds.SshKey, "sudo bootstrapper status");
        foreach (string line in (string[])[
            "metadata +NoCloud .*cidata.*", "role +etcd", @"cluster +demo\.k8s", "host +etcd-[0-9a-f]{8}", $"address +{address}", @"service +etcd\.service: ready; .*",
            $@"peers +etcd\.demo\.k8s\. names {address}", $@"peer +{address}: healthy, this machine, leader, member {Regex.Escape(member.Name)} \({id}\)"])
        {
            status.ShouldMatch($"(?m)^{line}$");
        }

        using JsonDocument json = JsonDocument.Parse(machine.Ssh(_seeds.SshKey, "sudo bootstrapper status --json"));
        json.RootElement.GetProperty("identity").GetProperty("roles").EnumerateArray().Select(role => role.GetString()).ShouldBe(["etcd"]);
        json.RootElement.GetProperty("services").EnumerateArray().Select(service => $"{service.GetProperty("unit")} {service.GetProperty("state")}").ShouldBe(["etcd.service ready"]);
        json.RootElement.GetProperty("peers")[0].GetProperty("peers")[0].GetProperty("memberId").GetString().ShouldBe(id);

        string why = machine.Ssh(_seeds.SshKey, "sudo bootstrapper why");
        foreach (string line in (string[])[
            @"absent +kernel command line: .*", @"found +NoCloud: .*", @" *[0-9.]+ s metadata from NoCloud \(/dev/sr0, cidata\), instance-id \S+: identity .*",
            $@" *[0-9.]+ s role etcd, cluster demo\.k8s, host etcd-[0-9a-f]{{8}}, address {address}", $@" *[0-9.]+ s etcd\.service: starts the new cluster of {address}"])
        {
            why.ShouldMatch($"(?m)^{line}$");
        }
    }

    /// <summary>A file of the image is changed, one is removed, and one is added.</summary>
    private void ChangeEtc(VirtualMachine machine) =>
        machine.Ssh(_seeds.SshKey, "sudo sh -c 'echo changed >>/etc/issue && rm /etc/issue.net && echo stray >/etc/stray'");

    private string Etc(VirtualMachine machine) => machine.Ssh(_seeds.SshKey, "cd /etc && sudo find . | LC_ALL=C sort; tail -n +1 /etc/issue*");

    private long StateKibibytes(VirtualMachine machine) =>
        long.Parse(machine.Ssh(_seeds.SshKey, "df --output=size /state | tail -1").Trim(), CultureInfo.InvariantCulture);

    /// <summary>machine-id, leased address, host name, ssh host keys, identity, certificates and their keys, etcd's name.</summary>
    private string WhatMustStay(VirtualMachine machine) => machine.Ssh(_seeds.SshKey,
        "cat /etc/machine-id; ip -4 -o address show scope global dynamic | awk '{print $4}'; hostname;"
        + " sudo sh -c 'sha256sum /state/ssh/*_key* /var/lib/bootstrapper/identity.json /var/lib/bootstrapper/pki/etcd/*.crt /var/lib/bootstrapper/pki/etcd/*.key; grep NAME= /etc/etcd/etcd.env'");
}
