using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.NameServer;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.NameServer;

/// <summary>The sockets, on loopback, asked by dig; a second server of ours stands for the one that knows the world.</summary>
public sealed class ClusterNameServerTests : IDisposable
{
    private const string World = "example.com. 5 IN SOA ns.example.com. hostmaster.example.com. 1 7200 1800 86400 5\n";

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];
    private readonly List<IDisposable> _running = [];

    public void Dispose()
    {
        foreach (IDisposable item in _running)
        {
            item.Dispose();
        }

        _folder.Dispose();
    }

    [Fact]
    public void Answers_come_by_datagram_and_over_TCP_with_and_without_EDNS()
    {
        IPEndPoint server = Start("web.cluster.local. 5 IN A 10.32.0.7\n_http._tcp.web.cluster.local. 5 IN SRV 0 100 80 web.cluster.local.\n");
        foreach (string way in (string[])["+notcp", "+tcp", "+noedns"])
        {
            Dig(server, way, "web.cluster.local").ShouldMatch(@"web\.cluster\.local\.\s+5\s+IN\s+A\s+10\.32\.0\.7\n");
            Dig(server, way, "_http._tcp.web.cluster.local", "SRV").ShouldMatch(@"IN\s+SRV\s+0 100 80 web\.cluster\.local\.\n");
            Dig(server, way, "nobody.cluster.local").ShouldContain("status: NXDOMAIN");
        }

        Dig(server, "WEB.Cluster.Local").ShouldMatch(@"WEB\.Cluster\.Local\.\s+5\s+IN\s+A\s+10\.32\.0\.7\n", "resolvers compare the letters' case");
        Dig(server, "www.example.com").ShouldContain("status: REFUSED");
        Dig(server, "-c", "CH", "web.cluster.local").ShouldContain("status: REFUSED");
        Dig(server, "+opcode=2", "web.cluster.local").ShouldContain("status: NOTIMP");
        Dig(server, "+edns=1", "+noednsnegotiation", "web.cluster.local").ShouldContain("status: BADVERS");
        Dig(server, "+header-only").ShouldContain("status: FORMERR");
    }

    [Fact]
    public void An_answer_that_a_datagram_does_not_hold_is_given_over_TCP()
    {
        IPEndPoint server = Start(string.Concat(Enumerable.Range(1, 250).Select(number => $"db.cluster.local. 5 IN A 10.200.2.{number}\n")));
        Dig(server, "+ignore", "db.cluster.local").ShouldContain(" tc ");
        Dig(server, "+ignore", "+bufsize=4096", "db.cluster.local").ShouldContain(" tc ", Case.Sensitive, "more than 1,232 bytes may be lost on their way");
        Dig(server, "db.cluster.local").ShouldContain("ANSWER: 250,");
    }

    [Fact]
    public void A_file_that_changes_is_what_the_next_question_gets_and_a_damaged_one_changes_nothing()
    {
        IPEndPoint server = Start("web.cluster.local. 5 IN A 10.32.0.7\n");
        Dig(server, "web.cluster.local").ShouldContain("10.32.0.7");
        Write("web.cluster.local. 5 IN A 10.32.0.88\n");
        Dig(server, "web.cluster.local").ShouldContain("10.32.0.88");
        Write("nonsense\n");
        Dig(server, "web.cluster.local").ShouldContain("10.32.0.88");
        Dig(server, "web.cluster.local").ShouldContain("10.32.0.88");
        _said.ShouldHaveSingleItem().ShouldStartWith($"NODE0701  {_folder["zone"]}: the cluster's names cannot be read (");
        File.Delete(_folder["zone"]);
        Dig(server, "web.cluster.local").ShouldContain("10.32.0.88");
    }

    [Fact]
    public void Before_there_is_a_file_nothing_is_denied()
    {
        IPEndPoint server = Start(null);
        Dig(server, "web.cluster.local").ShouldContain("status: SERVFAIL");
    }

    [Fact]
    public void A_name_outside_comes_with_its_addresses()
    {
        IPEndPoint world = StartServer(_folder["world"], new OutsideNames(new IPEndPoint(IPAddress.Loopback, 9), TimeSpan.FromSeconds(1)));
        File.WriteAllText(
            _folder["world"],
            World + "www.example.com. 5 IN CNAME w.example.com.\nw.example.com. 5 IN A 192.0.2.7\n"
                + string.Concat(Enumerable.Range(1, 200).Select(number => $"many.example.com. 5 IN A 192.0.2.{number}\n")));
        IPEndPoint server = Start(
            "out.cluster.local. 5 IN CNAME www.example.com.\nmany.cluster.local. 5 IN CNAME many.example.com.\nlost.cluster.local. 5 IN CNAME lost.example.com.\nbad.cluster.local. 5 IN CNAME bad.example.org.\n",
            world);

        Answers(server, "out.cluster.local").ShouldBe(["192.0.2.7", "w.example.com.", "www.example.com."]);
        Answers(server, "+tcp", "out.cluster.local").ShouldBe(["192.0.2.7", "w.example.com.", "www.example.com."]);
        Answers(server, "out.cluster.local", "CNAME").ShouldBe(["www.example.com."]);
        Answers(server, "out.cluster.local", "AAAA").ShouldBe(["w.example.com.", "www.example.com."]);
        Answers(server, "many.cluster.local").Length.ShouldBe(201, "over TCP from there, and over TCP to here");
        Dig(server, "lost.cluster.local").ShouldContain("status: NXDOMAIN");
        Dig(server, "bad.cluster.local").ShouldContain("status: SERVFAIL");
    }

    [Fact]
    public async Task A_server_outside_that_is_silent_keeps_nobody_else_waiting()
    {
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint server = Start("out.cluster.local. 5 IN CNAME www.example.com.\nweb.cluster.local. 5 IN A 10.32.0.7\n", (IPEndPoint)silent.LocalEndPoint!);
        Task<string>[] waiting = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => Dig(server, "out.cluster.local")))];
        Dig(server, "+time=1", "web.cluster.local").ShouldContain("10.32.0.7");
        foreach (Task<string> answer in waiting)
        {
            (await answer).ShouldContain("status: SERVFAIL");
        }
    }

    [Fact]
    public void Nonsense_and_answers_are_not_answered_and_do_no_harm()
    {
        IPEndPoint server = Start("web.cluster.local. 5 IN A 10.32.0.7\n");
        using UdpClient client = new();
        client.Connect(server);
        client.Send([1, 2, 3]);
        client.Send([0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]);
        client.Send(new byte[5000]);
        client.Send([0, 9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0]);
        client.Client.ReceiveTimeout = 5000;
        IPEndPoint? from = null;
        byte[][] answers = [client.Receive(ref from), client.Receive(ref from)];
        answers[1].ShouldBe([0, 9, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0], "the one that asked something gets FORMERR");

        using TcpClient cut = new();
        cut.Connect(server);
        cut.GetStream().Write([0xFF, 0xFF, 1]);
        cut.GetStream().ReadByte().ShouldBe(-1, "more than a question has is not waited for");
        Dig(server, "web.cluster.local").ShouldContain("10.32.0.7");
    }

    private IPEndPoint Start(string? records, IPEndPoint? outside = null)
    {
        if (records is not null)
        {
            Write(records);
        }

        return StartServer(_folder["zone"], new OutsideNames(outside ?? new IPEndPoint(IPAddress.Loopback, 9), TimeSpan.FromSeconds(1)));
    }

    private IPEndPoint StartServer(string file, OutsideNames outside)
    {
        ClusterNameServer server = Listen(new ZoneFileReader(file, _said.Add), outside);
        Thread thread = new(server.Run) { IsBackground = true };
        thread.Start();
        _running.Add(server);
        _running.Add(outside);
        return server.Address;
    }

    /// <summary>At a port that is free for both: the kernel chooses it for datagrams alone.</summary>
    private static ClusterNameServer Listen(ZoneFileReader zones, OutsideNames outside)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return new ClusterNameServer(new IPEndPoint(IPAddress.Loopback, 0), zones, outside);
            }
            catch (SocketException) when (attempt < 10)
            {
                // somebody else's connection has it
            }
        }
    }

    private void Write(string records) => File.WriteAllText(_folder["zone"], ZoneFileTests.Top + records);

    private static string Dig(IPEndPoint server, params string[] question) =>
        Judge.Try("dig", ["+noall", "+comments", "+answer", "+tries=1", "+time=5", "@127.0.0.1", "-p", server.Port.ToString(CultureInfo.InvariantCulture), .. question]).Output;

    private static string[] Answers(IPEndPoint server, params string[] question) =>
    [
        .. Judge.Try("dig", ["+short", "+tries=1", "+time=5", "@127.0.0.1", "-p", server.Port.ToString(CultureInfo.InvariantCulture), .. question]).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
    ];
}
