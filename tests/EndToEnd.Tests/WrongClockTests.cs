using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Machines without a battery for their clock, on a network without a time server.</summary>
[Collection(AloneGroup.Name)]
public sealed class WrongClockTests
{
    private const string SetForward =
        @"\.service: no time server has set the clock: it says .*; it is set to .*, when the authority \S+ of the metadata begins; certificates are made all the same";

    private static readonly DateTimeOffset _past = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_machine_whose_clock_is_in_the_past_becomes_etcd_and_its_clock_is_not_before_its_seed()
    {
        const string Address = "10.240.0.11";
        string folder = BakedImage.RunFolder(nameof(WrongClockTests));
        using LabNetwork network = new(Path.Combine(folder, "network"));
        ClusterSeeds seeds = new(Path.Combine(folder, "cluster"));
        network.SetRecords("etcd.demo.k8s", [Address]);
        using VirtualMachine machine = new(new VirtualMachineOptions
        {
            Name = "behind",
            Folder = folder,
            Seed = seeds.Role("etcd", size: 1),
            Network = network,
            Address = Address,
            Clock = _past,
        });
        machine.Start();
        machine.WaitFor("bootstrapper: etcd" + SetForward, 300);
        machine.WaitFor("bootstrapper: ready: etcd.service", 120);
        long seconds = long.Parse(machine.Ssh(seeds.SshKey, "date +%s").Trim(), CultureInfo.InvariantCulture);
        DateTimeOffset.FromUnixTimeSeconds(seconds).ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromHours(2), "authorities begin an hour before they are made");
        machine.Ssh(seeds.SshKey, "systemctl --failed --no-legend").Trim().ShouldBeEmpty();
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_whole_cluster_on_a_machine_whose_clock_is_in_the_past_comes_up()
    {
        using LoneMachine one = new(BakedImage.RunFolder(nameof(WrongClockTests)), new LoneMachineOptions { Kind = MachineKind.Qemu, Clock = _past });
        one.StartAndWaitForNode(one.Kubectl());
        one.Machine.WaitFor(@"bootstrapper: \S+" + SetForward, 1);
        one.SystemHealth().ShouldBe(("running", ""));
    }

    /// <summary>The cluster's clock is three hours after the seeds were made, as if it had been there for so long.</summary>
    [Fact]
    [Trait("Category", "Full")]
    public void A_worker_that_joins_an_older_cluster_with_its_clock_in_the_past_takes_the_time_from_the_API_server()
    {
        const string Address = "10.240.0.31";
        string folder = BakedImage.RunFolder("WrongClockOfAWorker");
        using LoneMachine one = new(folder, new LoneMachineOptions { Kind = MachineKind.Qemu, Clock = DateTimeOffset.UtcNow.AddHours(3) });
        one.Network.SetRecords("workers.demo.k8s", [LoneMachine.Address, Address]);
        one.Machine.Start();
        one.Machine.WaitFor("bootstrapper: ready: kube-controller-manager.service", 900);
        using VirtualMachine worker = new(new VirtualMachineOptions
        {
            Name = "behind",
            Folder = folder,
            Seed = one.Seeds.Role("worker"),
            Network = one.Network,
            Address = Address,
            MemoryMebibytes = 1536,
            Processors = 1,
            Clock = _past,
        });
        worker.Start();
        worker.WaitFor(@"bootstrapper: no time server has set the clock, which said .*: it is set to .*, when the certificate of 127\.0\.0\.1:6444 begins", 900);
        worker.WaitFor("bootstrapper: kubelet.service: has the certificate of the Node worker-", 600);
        worker.WaitFor("bootstrapper: pods of this machine have addresses of 10\\.200\\.", 900);
        worker.WaitFor("bootstrapper: ready: kubelet.service", 600);
        long seconds = long.Parse(worker.Ssh(one.Seeds.SshKey, "date +%s").Trim(), CultureInfo.InvariantCulture);
        DateTimeOffset.FromUnixTimeSeconds(seconds).ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddHours(1));
    }
}
