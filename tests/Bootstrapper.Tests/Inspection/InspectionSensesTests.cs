using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Inspection;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Inspection;

/// <summary>How each thing is measured.</summary>
public sealed class InspectionSensesTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _limit.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void The_disk_is_that_of_the_partition_with_the_state()
    {
        _machine.Put("/sys/devices/virtio3/block/vda/size", "41943040\n");
        _machine.Put("/sys/devices/virtio3/block/vda/vda5/size", "30000000\n");
        _machine.Put("/sys/devices/virtio3/block/vda/vda5/partition", "5\n");
        Directory.CreateDirectory(_machine.Root["/sys/dev/block"]);
        Directory.CreateSymbolicLink(_machine.Root["/sys/dev/block/254:5"], _machine.Root["/sys/devices/virtio3/block/vda/vda5"]);
        _machine.Put("/proc/self/mountinfo", """
            22 1 254:1 / / ro - squashfs /dev/vda3 ro
            35 22 254:5 /var /var rw,nosuid shared:5 - ext4 /dev/vda5 rw
            36 22 0:24 / /variable rw - tmpfs tmpfs rw

            """);
        StateDisk.Bytes(_machine.Root).ShouldBe(20L << 30);

        Directory.CreateDirectory(_machine.Root[NodePaths.StateFolder]);
        _machine.Put(NodePaths.InContainer, "");
        StateDisk.Bytes(_machine.Root).ShouldBe(new DriveInfo(_machine.Root["/"]).TotalSize, "the disk is the host's");
    }

    [Fact]
    public void A_disk_of_which_nobody_knows_is_as_large_as_its_file_system()
    {
        Directory.CreateDirectory(_machine.Root[NodePaths.StateFolder]);
        _machine.Put("/proc/self/mountinfo", "22 1 0:32 / / rw - overlay overlay rw\n");
        StateDisk.Bytes(_machine.Root).ShouldBe(new DriveInfo(_machine.Root["/"]).TotalSize);
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("10.0.0.21", true)]
    [InlineData("::ffff:10.0.0.21", true)]
    [InlineData("127.0.0.53", false)]
    [InlineData("10.0.0.22", false)]
    public void A_port_is_taken_where_a_service_would_want_it(string address, bool isTaken)
    {
        RolePort[] wanted = [new() { Number = 53, Protocol = "tcp" }, new() { Number = 53, Protocol = "udp" }];
        ListeningPorts.Taken(wanted, IPAddress.Parse("10.0.0.21"), [], [new IPEndPoint(IPAddress.Parse(address), 53)])
            .ShouldBe(isTaken ? [wanted[1]] : []);
    }

    [Fact]
    public void The_kernel_says_who_listens()
    {
        using TcpListener listener = new(IPAddress.Any, 0);
        listener.Start();
        RolePort port = new() { Number = ((IPEndPoint)listener.LocalEndpoint).Port, Protocol = "tcp" };
        ListeningPorts.Taken([port], IPAddress.Loopback).ShouldBe([port]);
        listener.Stop();
        ListeningPorts.Taken([port], IPAddress.Loopback).ShouldBe([]);
    }

    [Fact]
    public void A_disk_is_written_to_and_nothing_stays_on_it()
    {
        Directory.CreateDirectory(_machine.Root[NodePaths.StateFolder]);
        IReadOnlyList<TimeSpan> took = SyncProbe.Run(_machine.Root, TimeProvider.System, _limit.Token);
        took.Count.ShouldBeInRange(1, 100);
        took.ShouldAllBe(time => time > TimeSpan.Zero);
        Directory.GetFileSystemEntries(_machine.Root[NodePaths.StateFolder]).ShouldBeEmpty();

        Directory.Delete(_machine.Root[NodePaths.StateFolder]);
        SyncProbe.Run(_machine.Root, TimeProvider.System, _limit.Token).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("master", ClusterSecrets.Kubernetes, null)]
    [InlineData("etcd", ClusterSecrets.EtcdClient, "node1 inspection")]
    public async Task A_peers_clock_is_read_off_its_answer(string role, string authority, string? visitor)
    {
        SampleMachine sample = new(["master"], "1.36.0");
        string date = DateTimeOffset.UtcNow.AddSeconds(40).ToString("r", CultureInfo.InvariantCulture);
        using TlsServer server = new(sample.Authorities[authority], $"401 Unauthorized\r\nDate: {date}");
        using PeerProbe probe = new(_machine.Root, sample.State, TimeProvider.System);
        PeerFact fact = await probe.AskAsync(role, "127.0.0.1", server.Url.Port, _limit.Token);
        fact.RoundTrip!.Value.ShouldBeInRange(TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(5));
        fact.ClockAhead!.Value.ShouldBe(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(5));
        server.Visitor.ShouldBe(visitor);
        server.Questions.ShouldHaveSingleItem().ShouldStartWith("GET /version ");
    }

    [Fact]
    public async Task A_stranger_says_no_time_and_a_machine_without_the_service_is_as_near()
    {
        SampleMachine sample = new(["worker"], "1.36.0");
        using PeerProbe probe = new(_machine.Root, sample.State, TimeProvider.System);
        int port;
        using (TlsServer stranger = new(AuthorityPem.Create("other"), "200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT"))
        {
            port = stranger.Url.Port;
            PeerFact far = await probe.AskAsync("master", "127.0.0.1", port, _limit.Token);
            far.RoundTrip.ShouldNotBeNull();
            far.ClockAhead.ShouldBeNull("it is none of the cluster's");
            (await probe.AskAsync("etcd", "127.0.0.1", port, _limit.Token)).ClockAhead.ShouldBeNull("a worker has no business with etcd");
        }

        PeerFact fact = await probe.AskAsync("master", "127.0.0.1", port, _limit.Token);
        fact.RoundTrip.ShouldNotBeNull("to be refused is an answer");
        fact.ClockAhead.ShouldBeNull();
    }
}
