using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>One machine, role etcd, size 1, on a disk larger than the image.</summary>
public sealed class SingleEtcdTests : IDisposable
{
    private const string Address = "10.240.0.11";

    private readonly string _folder = BakedImage.RunFolder(nameof(SingleEtcdTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;

    public SingleEtcdTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        _network.Serve();
        _network.SetRecords("etcd.demo.k8s", [Address]);
    }

    [Fact]
    public void A_machine_becomes_etcd_from_its_seed_serves_mutual_TLS_only_and_a_reboot_keeps_all_it_had()
    {
        using VirtualMachine machine = Machine(_seeds.Role("etcd", size: 1));
        EtcdClient client = new(_network, _seeds);
        machine.Start();
        machine.WaitFor("bootstrapper: datasource NoCloud", 240);
        machine.WaitFor(@"bootstrapper: role etcd, cluster demo\.k8s, host etcd-[0-9a-f]{8}, address 10\.240\.0\.11", 60);
        machine.WaitFor("bootstrapper: ready: etcd.service", 240);
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 180);

        client.Run([Address], "put", "greeting", "hello").ShouldContain("OK");
        client.Run([Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");
        client.TryWithoutCertificate([Address], "get", "greeting").ExitCode.ShouldNotBe(0);

        machine.Ssh(_seeds.SshKey, "systemctl is-system-running", mayFail: true).Trim().ShouldBe("running");
        machine.Ssh(_seeds.SshKey, "systemctl --failed --no-legend").Trim().ShouldBeEmpty();
        long stateKibibytes = long.Parse(machine.Ssh(_seeds.SshKey, "df --output=size /state | tail -1").Trim(), System.Globalization.CultureInfo.InvariantCulture);
        stateKibibytes.ShouldBeGreaterThan(4 * 1024 * 1024, "state did not grow to the disk");
        machine.Ssh(_seeds.SshKey, "sudo grep ^root: /etc/shadow").ShouldStartWith("root:!", Case.Sensitive, "root must be locked");
        string before = Fingerprint(machine);
        (string clusterId, string[] members, _, _) = client.Members(Address);

        machine.Shutdown(_seeds.SshKey);
        machine.Start();
        machine.WaitFor("bootstrapper: ready: etcd.service", 300);
        Fingerprint(machine).ShouldBe(before);
        (string clusterIdAfter, string[] membersAfter, _, _) = client.Members(Address);
        clusterIdAfter.ShouldBe(clusterId);
        membersAfter.ShouldBe(members);
        client.Run([Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");
    }

    [Fact]
    public void A_seed_made_by_genisoimage_from_the_same_files_works_and_a_name_that_never_resolves_is_said()
    {
        _network.SetRecords("etcd.demo.k8s", []);
        _seeds.Role("etcd", size: 1);
        string iso = _seeds.ForeignIso("foreign", _seeds.UserData("etcd"), "instance-id: foreign-1\nlocal-hostname: foreign\n");
        using VirtualMachine machine = Machine(iso);
        machine.Start();
        Match waiting = machine.WaitFor(@"bootstrapper: etcd\.service: waiting for .*etcd\.demo\.k8s.* since .*", 300);
        waiting.Value.ShouldContain(LabNetwork.Gateway, Case.Insensitive, "the line should name the DNS server");
        _network.SetRecords("etcd.demo.k8s", [Address]);
        machine.WaitFor("bootstrapper: ready: etcd.service", 120);
    }

    public void Dispose() => _network.Dispose();

    private VirtualMachine Machine(string iso) => new(new MachineOptions
    {
        Name = "etcd1",
        Folder = _folder,
        SeedImage = iso,
        Network = _network,
        Address = Address,
    });

    // what a reboot must keep: machine-id, ssh host keys, address, certificates, identity
    private string Fingerprint(VirtualMachine machine) => machine.Ssh(_seeds.SshKey,
        "cat /etc/machine-id; ip -4 -o address show scope global | awk '{print $4}'; sudo sh -c 'sha256sum /state/ssh/*_key.pub /var/lib/bootstrapper/pki/etcd/*.crt; hostname'");
}
