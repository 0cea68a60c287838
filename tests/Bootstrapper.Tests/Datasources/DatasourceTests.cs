using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Datasources.NoCloud;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Machine;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Datasources;

public sealed class DatasourceTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("ro ds=nocloud;s=http://a/b/;h=web;i=i-9 quiet", "nocloud;s=http://a/b/;h=web;i=i-9")]
    [InlineData("ds=a ds=b", "b")]
    [InlineData("\"ds=with blank\" x", "with blank")]
    [InlineData("xds=1", null)]
    public void The_last_word_of_the_command_line_counts(string commandLine, string? value) =>
        KernelCommandLine.Value(commandLine, "ds").ShouldBe(value);

    [Theory]
    [InlineData("nocloud;s=http://a/b;h=web;i=i-9", "http://a/b/", "web", "i-9")]
    [InlineData("nocloud-net;seedfrom=/x/;local-hostname=web;instance-id=i-9", "/x/", "web", "i-9")]
    [InlineData("nocloud", null, null, null)]
    public void A_nocloud_line_is_read_with_all_its_spellings(string text, string? seed, string? host, string? id) =>
        NoCloudLine.Parse(text, Dmi.Read(_machine.Root)).ShouldBe(new NoCloudLine { Seed = seed, Hostname = host, InstanceId = id });

    [Fact]
    public void A_line_for_another_cloud_is_not_ours() => NoCloudLine.Parse("ec2;s=http://a/", Dmi.Read(_machine.Root)).ShouldBeNull();

    [Fact]
    public void A_serial_number_may_be_plain_or_base64_and_name_variables()
    {
        _machine.Put("/sys/class/dmi/id/chassis_serial", "C-7\n");
        string line = "ds=nocloud;s=http://a/__dmi.chassis-serial-number__/";
        NoCloudLine expected = new() { Seed = "http://a/C-7/" };
        NoCloudLine.FromSerial(line, Dmi.Read(_machine.Root)).ShouldBe(expected);
        NoCloudLine.FromSerial(Convert.ToBase64String(Encoding.UTF8.GetBytes(line)), Dmi.Read(_machine.Root)).ShouldBe(expected);
        NoCloudLine.FromSerial("VMware-42 1d 7f", Dmi.Read(_machine.Root)).ShouldBeNull();
        NoCloudLine.FromSerial("", Dmi.Read(_machine.Root)).ShouldBeNull();
    }

    [Theory]
    [InlineData("instance-id: i-1\nlocal-hostname: other\n")]
    [InlineData("{\"instance-id\": \"i-1\", \"local-hostname\": \"other\", \"more\": {\"a\": [1]}}")]
    [InlineData(" {instance-id: i-1}\n")]
    public async Task A_seed_in_a_folder_that_the_command_line_names_is_taken_with_its_overrides(string metaData)
    {
        _machine.Put("/proc/cmdline", "ro ds=nocloud;s=file:///seed/;h=named;i=i-77\n");
        _machine.Put("/seed/user-data", FakeMachine.EtcdUserData());
        _machine.Put("/seed/meta-data", metaData);
        NodeIdentity identity = await _machine.BootAsync();
        (identity.InstanceId, identity.Hostname).ShouldBe(("i-77", "named"));
        _machine.ConsoleLines[0].ShouldStartWith("datasource NoCloud (file:///seed/) after ");
    }

    [Fact]
    public async Task User_data_in_fw_cfg_is_taken_even_as_gzip()
    {
        _machine.Put("/sys/firmware/qemu_fw_cfg/by_name/opt/org.images/config/raw", Gzip(FakeMachine.EtcdUserData()));
        (await _machine.BootAsync()).InstanceId.ShouldBe("fw_cfg");
        NodeState.Load(_machine.Root).Metadata.Node.Cluster.ShouldBe("demo");
    }

    [Fact]
    public async Task A_seed_folder_on_the_state_partition_is_taken()
    {
        _machine.Put("/var/lib/cloud/seed/nocloud-net/user-data", FakeMachine.EtcdUserData());
        _machine.Put("/var/lib/cloud/seed/nocloud-net/meta-data", "{\"instance-id\": \"i-5\"}");
        (await _machine.BootAsync()).InstanceId.ShouldBe("i-5");
    }

    [Fact]
    public async Task A_url_of_the_command_line_is_insisted_on_until_it_answers()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData(cluster: "disc"));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/u";
        _machine.Put("/proc/cmdline", $"node.config={url}\n");
        Task server = Task.Run(async () =>
        {
            await AnswerAsync(listener, "503 Busy", "");
            await AnswerAsync(listener, "200 OK", FakeMachine.EtcdUserData(cluster: "net"));
        });
        NodeIdentity identity = await _machine.BootAsync();
        await server;
        identity.Cluster.ShouldBe("net");
        identity.InstanceId.ShouldBe(url);
    }

    [Fact]
    public async Task Nobody_listening_is_a_reason_and_no_crash()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        _machine.Put("/proc/cmdline", $"ds=nocloud;s=http://127.0.0.1:{port}/\n");
        DatasourceAnswer answer = await _machine.Datasources()[0].AskAsync(SourceMemory.None, CancellationToken.None);
        answer.Insists.ShouldBeTrue();
        answer.Reason.ShouldContain($"http://127.0.0.1:{port}/user-data: ");
    }

    [Fact]
    public async Task A_seed_volume_without_meta_data_says_what_is_missing()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        File.Delete(_machine.Root["/seeds/sr0/meta-data"]);
        (await _machine.Datasources()[^1].AskAsync(SourceMemory.None, CancellationToken.None)).Reason.ShouldBe("/dev/sr0 (cidata) has no file meta-data; it has user-data");
    }

    [Fact]
    public async Task User_data_above_one_mebibyte_is_refused()
    {
        _machine.InsertSeed(new string('a', (1 << 20) + 1));
        (await _machine.Datasources()[^1].AskAsync(SourceMemory.None, CancellationToken.None)).Reason.ShouldBe("/dev/sr0 (cidata): user-data has 1048577 bytes; at most 1048576 (1 MiB) are read");
    }

    [Theory]
    [InlineData("/sys/firmware/qemu_fw_cfg/by_name/opt/org.images/config/raw", "fw_cfg: opt/org.images/config has 1048577 bytes; at most 1048576 (1 MiB) are read")]
    [InlineData("/var/lib/cloud/seed/nocloud/user-data", "NoCloud folder: /var/lib/cloud/seed/nocloud/user-data has 1048577 bytes; at most 1048576 (1 MiB) are read")]
    [InlineData("/var/lib/cloud/seed/nocloud-net/meta-data", "NoCloud folder: /var/lib/cloud/seed/nocloud-net/meta-data has 1048577 bytes; at most 1048576 (1 MiB) are read")]
    public async Task A_source_that_is_too_large_is_named_once_and_the_next_one_serves(string path, string problem)
    {
        _machine.Put(path, new byte[(1 << 20) + 1]);
        NodeIdentity identity = await BootWithDiscAfterAsync(reads: 3);
        identity.Cluster.ShouldBe("demo");
        _machine.ConsoleLines.Count(line => line == $"metadata refused: NODE0002  {problem}").ShouldBe(1, _machine.ConsoleText);
        _machine.Get(NodePaths.Trace).ShouldContain("\"unusable\"");
    }

    [Fact]
    public async Task A_seed_that_cannot_be_used_is_said_at_once_and_not_only_after_ten_seconds()
    {
        _machine.InsertSeed(new string('a', (1 << 20) + 1));
        await BootWithDiscAfterAsync(reads: 3);
        _machine.ConsoleLines[0].ShouldBe("metadata refused: NODE0002  NoCloud: /dev/sr0 (cidata): user-data has 1048577 bytes; at most 1048576 (1 MiB) are read");
        _machine.ConsoleLines.Length.ShouldBe(3, _machine.ConsoleText);
    }

    [Fact]
    public async Task A_server_that_sends_too_much_is_named_with_the_limit()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/u";
        _machine.Put("/proc/cmdline", $"node.config={url}\n");
        Task server = AnswerAsync(listener, "200 OK", new string('a', (1 << 20) + 1));
        (await _machine.Datasources()[0].AskAsync(SourceMemory.None, CancellationToken.None)).Reason.ShouldBe($"{url} has more than 1048576 (1 MiB) bytes; no more are read");
        await server.ContinueWith(_ => { }, TaskScheduler.Default); // the client may hang up first
    }

    [Fact]
    public void A_seed_is_mounted_where_no_other_user_comes()
    {
        Directory.CreateDirectory(_machine.Root[SeedVolumeReader.PrivateFolder], (UnixFileMode)0b111_101_101);
        string mountPoint = SeedVolumeReader.MakeMountPoint(_machine.Root);
        Directory.Exists(mountPoint).ShouldBeTrue();
        File.GetUnixFileMode(Path.GetDirectoryName(mountPoint)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        SeedVolumeReader.Arguments(new SeedVolume("/dev/sr0", "iso9660", "cidata"), "/m").ShouldBe(["-t", "iso9660", "-o", "ro,nosuid,nodev,noexec", "/dev/sr0", "/m"]);
    }

    [Fact]
    public async Task An_empty_drive_and_a_vanished_device_are_passed_over()
    {
        _machine.Put("/sys/class/block/sr0/size", "0\n");
        _machine.Put("/sys/class/block/sdb/size", "80\n");
        (await _machine.Datasources()[^1].AskAsync(SourceMemory.None, CancellationToken.None)).Reason.ShouldBe("no volume labelled cidata on sdb, vda");
    }

    /// <summary>A disc comes, or its content gets better, after so many looks.</summary>
    private async Task<NodeIdentity> BootWithDiscAfterAsync(int reads)
    {
        int looks = 0;
        if (!Directory.Exists(_machine.Root["/sys/class/block/sr0"]))
        {
            _machine.InsertSeed(FakeMachine.EtcdUserData());
            File.Move(_machine.Root["/seeds/sr0/meta-data"], _machine.Root["/seeds/sr0/later"]);
        }

        _machine.OnVolumeRead = _ =>
        {
            if (++looks == reads)
            {
                _machine.InsertSeed(FakeMachine.EtcdUserData());
            }
        };
        return await _machine.BootAsync();
    }

    private static byte[] Gzip(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static async Task AnswerAsync(TcpListener listener, string status, string body)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using NetworkStream stream = client.GetStream();
        byte[] request = new byte[4096];
        _ = await stream.ReadAsync(request);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"));
    }
}
