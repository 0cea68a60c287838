using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Images.Bootstrapper.Boot;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Boot;

/// <summary>What comes in by metadata and is wrong, hostile or secret: what the machine does and what it says.</summary>
public sealed class InputsTests : IDisposable
{
    private const string PrivateBody = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";

    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task What_is_appended_is_appended_once_however_often_the_sequence_runs()
    {
        _machine.Put("/etc/hosts", "127.0.0.1 localhost\n");
        _machine.InsertSeed(FakeMachine.EtcdUserData("""
            write_files:
              - {path: /etc/hosts, content: "10.0.0.1 a\n", append: true}
              - {path: /etc/hosts, content: "10.0.0.2 b\n", append: true}
              - {path: /etc/new, content: "x\n", append: true}
            """));
        for (int run = 0; run < 3; run++)
        {
            await _machine.BootAsync();
            _machine.Get("/etc/hosts").ShouldBe("127.0.0.1 localhost\n10.0.0.1 a\n10.0.0.2 b\n");
            _machine.Get("/etc/new").ShouldBe("x\n");
        }
    }

    [Fact]
    public async Task A_private_key_in_the_place_of_a_public_one_shows_nowhere()
    {
        string userData = FakeMachine.EtcdUserData().Replace(
            "[ssh-ed25519 AAAA me]",
            $"\n- |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  {PrivateBody}\n  -----END OPENSSH PRIVATE KEY-----",
            StringComparison.Ordinal);
        _machine.InsertSeed(userData);
        _machine.OnVolumeRead = read => InsertAfter(read, 8);
        await _machine.BootAsync();

        _machine.ConsoleLines[0].ShouldEndWith(
            "user-data:3:3  'ssh_authorized_keys' holds a private key. Give the public one (the file that ends in "
            + ".pub), and make a new pair if others could read this text.");
        ShouldShowNowhere("BEGIN OPENSSH");
        for (int start = 0; start + 10 <= PrivateBody.Length; start++)
        {
            ShouldShowNowhere(PrivateBody.Substring(start, 10));
        }
    }

    [Fact]
    public async Task User_password_and_query_of_a_url_show_nowhere()
    {
        using TcpListener listener = Listen(out int port);
        string url = $"http://me:hidden@127.0.0.1:{port}/u?signature=hidden2";
        _machine.Put("/proc/cmdline", $"node.config={url}\n");
        Task server = Task.Run(async () =>
        {
            await AnswerAsync(listener, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
            await AnswerAsync(listener, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");
            string text = FakeMachine.EtcdUserData();
            await AnswerAsync(listener, $"HTTP/1.1 200 OK\r\nContent-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}");
        });
        NodeIdentity identity = await _machine.BootAsync();
        await server;

        identity.InstanceId.ShouldBe($"http://127.0.0.1:{port}/u");
        ShouldShowNowhere("hidden");
        _machine.ConsoleText.ShouldContain($"datasource kernel command line (http://127.0.0.1:{port}/u)");
    }

    [Theory]
    [InlineData("http://u:p@host/a?b#c", "http://host/a")]
    [InlineData("https://host:8443/a", "https://host:8443/a")]
    [InlineData("ftp://u:p@host/a?b", "ftp://host/a")]
    [InlineData("http://u:p@@ho st/a?b", "http://ho st/a")]
    [InlineData("u:p@host/a?b", "host/a")]
    [InlineData("/var/seed@home/", "/var/seed@home/")]
    [InlineData("file:///seed/", "file:///seed/")]
    public void A_url_is_shown_without_what_may_be_secret(string url, string shown) => ShownUrl.Of(url).ShouldBe(shown);

    [Fact]
    public async Task A_source_that_breaks_in_any_way_does_not_keep_the_machine_from_the_next()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        AcceptedMetadata? found = await Search([new BrokenDatasource(), .. _machine.Datasources()]).FindAsync(SourceMemory.None, null, default);
        found!.Source.ShouldBe("NoCloud (/dev/sr0, cidata)");
        _machine.ConsoleLines[0].ShouldBe(
            "metadata refused: NODE0002  broken: a fault of the kind InvalidOperationException");
    }

    [Fact]
    public async Task A_machine_with_a_good_copy_takes_it_when_its_disc_is_hostile_or_cut_off()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        string userData = FakeMachine.EtcdUserData();
        foreach (string hostile in new[]
        {
            userData.Replace("etcd: {", "etcd: !<[> {", StringComparison.Ordinal),
            userData.Replace("etcd: {", "etcd: !!tch] {", StringComparison.Ordinal),
            userData[..(userData.Length / 2)],
        })
        {
            _machine.Reboot();
            _machine.InsertSeed(hostile);
            (await _machine.BootAsync()).Cluster.ShouldBe("demo");
            _machine.ConsoleText.ShouldContain("datasource copy of an earlier boot: no usable metadata was found");
        }
    }

    [Fact]
    public async Task What_is_not_read_and_what_is_doubtful_is_said()
    {
        _machine.InsertSeed(
            FakeMachine.EtcdUserData("ntp: {server: [ntp.example.com]}\nca_certs: {certificates: []}"),
            "instance_id: i-1\nlocal-hostname: my_vm\n");
        await _machine.BootAsync();
        _machine.ConsoleText.ShouldContain(
            "keys of user-data that this image ignores: ntp.server (line 10), ca_certs.certificates (line 11)");
        _machine.ConsoleText.ShouldContain("warning: meta-data has 'instance_id', which nobody reads");
        _machine.ConsoleText.ShouldContain("warning: meta-data's local-hostname, 'my_vm', is no DNS name");
    }

    [Fact]
    public async Task Many_ignored_keys_are_counted_and_not_all_listed()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData(string.Join('\n', Enumerable.Range(0, 1000).Select(n => $"k{n}: 1"))));
        await _machine.BootAsync();
        string line = _machine.ConsoleLines.Single(text => text.StartsWith("keys of user-data", StringComparison.Ordinal));
        line.ShouldEndWith("k39 (line 49) and 960 more");
    }

    [Fact]
    public async Task A_machine_with_IPv6_alone_says_that_it_is_not_supported()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        _machine.DefaultRoute = null;
        _machine.Carried = [new("eth0", IPAddress.Parse("2001:db8::11")), new("lo", IPAddress.Loopback)];
        (await WaitForAnAddressAsync()).ShouldBe(
            "waiting for an address since 10 s; no interface has an IPv4 default route, and the metadata gives no "
            + "node.address; IPv6 is not supported yet (eth0 has 2001:db8::11)");
    }

    [Fact]
    public async Task A_disc_without_long_names_says_how_to_make_it()
    {
        _machine.InsertSeed("x");
        File.Move(_machine.Root["/seeds/sr0/user-data"], _machine.Root["/seeds/sr0/user_dat"]);
        File.Move(_machine.Root["/seeds/sr0/meta-data"], _machine.Root["/seeds/sr0/meta_dat"]);
        (await _machine.Datasources()[^1].AskAsync(SourceMemory.None, CancellationToken.None)).Reason.ShouldBe(
            "/dev/sr0 (cidata) has no file user-data; it has meta_dat, user_dat. The disc was made without Rock Ridge "
            + "and Joliet, which cuts names: make it again with -rock or -joliet");
    }

    public static TheoryData<string, string> Answers => new()
    {
        { "garbage\r\n\r\n", "what answers there is not HTTP, or is broken" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "what answers there is not HTTP, or is broken" },
        { "HTTP/1.1 200 OK\r\nContent-Le", "the connection ended before the answer did" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "the connection ended before the answer did" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task What_is_wrong_with_a_server_is_said_in_words(string answer, string words)
    {
        using TcpListener listener = Listen(out int port);
        Task server = AnswerAsync(listener, answer);
        string message = (await Should.ThrowAsync<IOException>(
            () => new MetadataDownload(TimeProvider.System).ReadAsync($"http://127.0.0.1:{port}/u", default))).Message;
        await server;
        message.ShouldBe($"http://127.0.0.1:{port}/u: {words}");
    }

    [Fact]
    public async Task A_certificate_that_is_not_accepted_is_named()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=site", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using TcpListener listener = Listen(out int port);
        Task server = Task.Run(async () =>
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            using SslStream tls = new(client.GetStream());
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // the other side hangs up
            }
        });
        string message = (await Should.ThrowAsync<IOException>(
            () => new MetadataDownload(TimeProvider.System).ReadAsync($"https://127.0.0.1:{port}/u", default))).Message;
        await server;
        message.ShouldBe(
            $"https://127.0.0.1:{port}/u: its certificate is not accepted: CN=site, which signed it, is no authority "
            + "that this image trusts");
    }

    public static TheoryData<Exception, string> Faults => new()
    {
        { new FileNotFoundException("IO_FileNotFound_FileName, /proc/x.partial"), "there is no such file or folder" },
        { new UnauthorizedAccessException("UnauthorizedAccess_IODenied_Path, /x"), "permission denied, or a folder stands there" },
        { new InvalidDataException("UnsupportedCompression"), "it is not of the form that is expected there" },
        { new IOException("net_io_readfailure, x"), "it cannot be read or written" },
        { new HttpRequestException("net_http_client_execution_error"), "the request failed" },
        { new IOException("No space left on device"), "No space left on device" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Names_of_dotnets_texts_become_words(Exception fault, string words) => FaultText.Of(fault).ShouldBe(words);

    /// <summary>What a boot says that has no address, before it gets one.</summary>
    private async Task<string> WaitForAnAddressAsync()
    {
        Task boot = Task.Run(() => _machine.BootAsync());
        while (_machine.ConsoleLines.Length < 2)
        {
            await Task.Delay(5);
        }

        _machine.DefaultRoute = IPAddress.Parse("10.0.0.11");
        await boot;
        return _machine.ConsoleLines[1];
    }

    private void InsertAfter(int read, int reads)
    {
        if (read == reads)
        {
            _machine.InsertSeed(FakeMachine.EtcdUserData());
        }
    }

    private MetadataSearch Search(IReadOnlyList<IDatasource> sources) => new(
        _machine.Root, sources, _machine.Roles, _machine.Console, new WhyTrace(_machine.Root), _machine.Time);

    /// <summary>Console and journal, and every file that the machine wrote for others to read.</summary>
    private void ShouldShowNowhere(string secret)
    {
        _machine.ConsoleText.ShouldNotContain(secret);
        foreach (string path in new[] { NodePaths.Trace, NodePaths.Status, NodePaths.NodeEnvironment, NodePaths.Identity })
        {
            _machine.Get(path).ShouldNotContain(secret);
        }
    }

    private static TcpListener Listen(out int port)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        byte[] request = new byte[4096];
        _ = await stream.ReadAtLeastAsync(request, 1, throwOnEndOfStream: false);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
    }

    private sealed class BrokenDatasource : IDatasource
    {
        public string Name => "broken";

        public Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("InvalidOperation_Something");
    }

    [Fact]
    public async Task An_address_that_the_machine_gave_itself_is_named_and_waited_out()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        _machine.DefaultRoute = IPAddress.Parse("169.254.7.7");
        (await WaitForAnAddressAsync()).ShouldBe(
            "waiting for an address since 10 s; the default route leads from 169.254.7.7, which a machine gives itself where no "
            + "DHCP server answers: peers cannot count on it. If it is meant, give it as node.address");
    }

    [Fact]
    public async Task A_file_whose_path_is_a_folder_leaves_nothing_beside_it()
    {
        Directory.CreateDirectory(_machine.Root["/etc/ssh"]);
        _machine.InsertSeed(FakeMachine.EtcdUserData("write_files: [{path: /etc/ssh, content: x}]\n"));
        await _machine.BootAsync();
        _machine.ConsoleText.ShouldContain("cannot apply write_files /etc/ssh: ");
        File.Exists(_machine.Root["/etc/ssh.partial"]).ShouldBeFalse();
    }
}
