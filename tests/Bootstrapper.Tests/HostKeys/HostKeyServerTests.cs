using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Baker;
using Images.Baker.Ssh;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Ssh;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.HostKeys;

/// <summary>A node's listener and the client of <c>baker</c>, over real TLS: who is believed, and who is not.</summary>
public sealed class HostKeyServerTests
{
    private const string MachineId = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_machine_of_three_roles_is_known_by_the_certificate_of_the_one_that_it_is_asked_for()
    {
        using HostKeyMachine machine = new("etcd", "master", "worker");
        machine.Mint(CertificateCatalogue.EtcdServer);
        machine.Mint(CertificateCatalogue.ApiServer);
        machine.GiveKubelet();
        machine.Listen();
        foreach (NodeRole role in new[] { NodeRole.Etcd, NodeRole.Master, NodeRole.Worker })
        {
            HostKeyWord word = await AskAsync(machine, machine.Address, role);
            word.HostName.ShouldBe("node1");
            word.Roles.ShouldBe(["etcd", "master", "worker"]);
            word.Keys.Select(key => key.Type).ShouldBe(["ecdsa-sha2-nistp256", "ssh-ed25519"]);
            Judge.Run("ssh-keygen", "-l", "-f", machine.KeyFile("ed25519")).ShouldContain($" {word.Keys[1].Fingerprint} ");
        }
    }

    [Fact]
    public async Task The_machine_id_itself_is_told_to_nobody_and_what_is_told_stays()
    {
        using HostKeyMachine machine = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        machine.Listen();
        HostKeyWord first = await AskAsync(machine, machine.Address, NodeRole.Etcd);
        Encoding.UTF8.GetString(first.ToJson()).ShouldNotContain(MachineId);
        (await AskAsync(machine, machine.Address, NodeRole.Etcd)).Machine.ShouldBe(first.Machine);
        machine.BecomeAnother();
        (await AskAsync(machine, machine.Address, NodeRole.Etcd)).Machine.ShouldNotBe(first.Machine);
    }

    [Fact]
    public async Task A_machine_of_another_cluster_is_not_believed_though_its_authorities_have_the_same_names()
    {
        using HostKeyMachine machine = new("etcd"), other = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        machine.Listen();
        await AskAsync(machine, machine.Address, NodeRole.Etcd);
        (await RefusedAsync(machine.Client(other.Secrets), machine.Address, NodeRole.Etcd)).Message
            .ShouldStartWith($"BAKE0968  {machine.Address}  is not believed: its certificate as etcd is not of this cluster.");
    }

    [Fact]
    public async Task A_machine_at_another_s_address_is_not_believed()
    {
        using HostKeyMachine machine = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        string other = machine.Address[..^1] + "2";
        machine.Listen(at: other);
        BakeException refusal = await UntilItListensAsync(() => RefusedAsync(machine.Client(), other, NodeRole.Etcd));
        refusal.Code.ShouldBe("BAKE0968");
        refusal.Problem.ShouldBe($"is not believed: its certificate is not that of a machine {other} with the role etcd.");
    }

    [Fact]
    public async Task A_worker_passes_for_no_master_and_no_member_of_etcd_even_at_its_own_address()
    {
        using HostKeyMachine machine = new("worker");
        machine.GiveKubelet();
        machine.Listen();
        await AskAsync(machine, machine.Address, NodeRole.Worker);
        (await RefusedAsync(machine.Client(), machine.Address, NodeRole.Master)).Code.ShouldBe("BAKE0968");
        (await RefusedAsync(machine.Client(), machine.Address, NodeRole.Etcd)).Code.ShouldBe("BAKE0968");
        (await RefusedAsync(machine.Client(), machine.Address, NodeRole.Lb)).Code.ShouldBe("BAKE0968");
    }

    [Fact]
    public async Task An_lb_is_known_by_its_name_or_behind_an_address_as_any_lb_and_passes_for_nobody_else()
    {
        using HostKeyMachine machine = new("lb");
        machine.GiveLb("localhost");
        machine.Listen(at: "127.0.0.1");
        await AskAsync(machine, "localhost", NodeRole.Lb);
        await AskAsync(machine, "127.0.0.1", NodeRole.Lb); // its certificate bears no address, so none can be compared
        foreach (NodeRole role in new[] { NodeRole.Etcd, NodeRole.Master, NodeRole.Worker })
        {
            (await RefusedAsync(machine.Client(), "localhost", role)).Code.ShouldBe("BAKE0968");
        }

        machine.GiveLb("lb2");
        (await RefusedAsync(machine.Client(), "localhost", NodeRole.Lb)).Code.ShouldBe("BAKE0968");
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_not_believed_and_its_times_are_said()
    {
        using HostKeyMachine machine = new("worker");
        machine.GiveKubelet(DateTimeOffset.UtcNow.AddMinutes(-31));
        machine.Listen();
        BakeException refusal = await UntilItListensAsync(() => RefusedAsync(machine.Client(), machine.Address, NodeRole.Worker));
        refusal.Code.ShouldBe("BAKE0968");
        refusal.Problem.ShouldContain("is not valid at this time (from ");
    }

    [Fact]
    public async Task A_machine_without_a_certificate_or_a_key_yet_is_silent_and_answers_once_it_has_them()
    {
        using HostKeyMachine machine = new("etcd");
        File.Move(machine.KeyFile("ed25519") + ".pub", machine.KeyFile("ed25519"), overwrite: true);
        File.Delete(machine.KeyFile("ecdsa") + ".pub");
        machine.Listen();
        (await RefusedAsync(machine.Client(), machine.Address, NodeRole.Etcd)).Code.ShouldBe("BAKE0967");
        machine.Mint(CertificateCatalogue.EtcdServer);
        (await RefusedAsync(machine.Client(), machine.Address, NodeRole.Etcd)).Code.ShouldBe("BAKE0967");
        machine.MakeKeys();
        await AskAsync(machine, machine.Address, NodeRole.Etcd);
    }

    /// <summary>Whoever is believed may still say anything.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\u0000\u001b[2J")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":[]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":[null]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":[7]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["ssh-ed25519 AAAA"]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["ssh-ed25519 \ud800"]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789ABCDEF0123456789ABCDEF","roles":["etcd"],"keys":["KEY"]}""")]
    [InlineData("""{"hostName":"node1","machine":"01","roles":["etcd"],"keys":["KEY"]}""")]
    [InlineData("""{"hostName":"node1\n10.0.0.1 KEY","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["KEY"]}""")]
    [InlineData("""{"hostName":null,"machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["KEY"]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":[null],"keys":["KEY"]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["KEY","KEY"]}""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["KEY"]} more""")]
    [InlineData("""{"hostName":"node1","machine":"0123456789abcdef0123456789abcdef","roles":["etcd"],"keys":["KEY"]""")]
    [InlineData("""{"a":[[[[[[[[[[[[]]]]]]]]]]]]}""")]
    public async Task What_is_no_word_on_host_keys_is_the_one_declared_fault(string said)
    {
        using HostKeyMachine machine = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        string key = File.ReadAllText(machine.KeyFile("ed25519") + ".pub").Trim();
        byte[] bytes = Encoding.UTF8.GetBytes(said.Replace("KEY", key, StringComparison.Ordinal));
        machine.Listen(word: () => bytes);
        BakeException fault = await UntilItListensAsync(() => RefusedAsync(machine.Client(), machine.Address, NodeRole.Etcd));
        fault.Code.ShouldBe("BAKE0967");
        fault.Fault.ShouldBe(BakeFault.Source);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_cut_off()
    {
        using HostKeyMachine machine = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        machine.Listen(word: () => new byte[1 << 16]);
        (await UntilItListensAsync(() => RefusedAsync(machine.Client(), machine.Address, NodeRole.Etcd))).Problem
            .ShouldBe("does not say its host keys: it says more than 16384 bytes.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    public async Task Who_speaks_no_TLS_or_nothing_at_all_is_waited_for_so_long_and_no_longer(string greeting)
    {
        using HostKeyMachine machine = new("etcd");
        using TcpListener other = new(IPAddress.Parse(machine.Address), HostKeyWord.Port);
        other.Start();
        Task<BakeException> asking = RefusedAsync(machine.Client(patience: TimeSpan.FromSeconds(1)), machine.Address, NodeRole.Etcd);
        using Socket socket = await other.AcceptSocketAsync(machine.Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes(greeting), machine.Stop);
        BakeException fault = await asking.WaitAsync(TimeSpan.FromSeconds(20), machine.Stop);
        fault.Code.ShouldBe("BAKE0967");
    }

    [Fact]
    public async Task A_peer_that_says_nothing_after_the_handshake_is_given_up()
    {
        using HostKeyMachine machine = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        using ManualResetEventSlim end = new();
        machine.Listen(word: () =>
        {
            end.Wait(TimeSpan.FromSeconds(20), machine.Stop);
            return [];
        });
        BakeException fault = await UntilItListensAsync(() => RefusedAsync(
            machine.Client(patience: TimeSpan.FromSeconds(1)), machine.Address, NodeRole.Etcd));
        end.Set();
        fault.Problem.ShouldBe("does not say its host keys: no answer within 1 s.");
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_sent_away_and_a_flood_keeps_nobody_out()
    {
        using HostKeyMachine machine = new("etcd");
        machine.Mint(CertificateCatalogue.EtcdServer);
        machine.Listen(limits: new ConnectionLimits { ConnectionsAtOnce = 4, ConnectionsPerAddress = 4, Patience = TimeSpan.FromSeconds(20) });
        await AskAsync(machine, machine.Address, NodeRole.Etcd);
        List<Socket> silent = [];
        for (int i = 0; i < 20; i++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            silent.Add(socket);
            await socket.ConnectAsync(IPAddress.Parse(machine.Address), HostKeyWord.Port, machine.Stop);
        }

        await AskAsync(machine, machine.Address, NodeRole.Etcd);
        (await silent[0].ReceiveAsync(new byte[1], machine.Stop).AsTask().ContinueWith(
            read => read.IsFaulted || read.Result == 0, machine.Stop, TaskContinuationOptions.None, TaskScheduler.Default)).ShouldBeTrue();
        silent.ForEach(socket => socket.Dispose());
    }

    private static Task<HostKeyWord> AskAsync(HostKeyMachine machine, string host, NodeRole role) =>
        RetryAsync(() => machine.Client().AskAsync(host, role, machine.Stop));

    private static Task<BakeException> RefusedAsync(HostKeyClient client, string host, NodeRole role) =>
        Should.ThrowAsync<BakeException>(client.AskAsync(host, role, CancellationToken.None));

    /// <summary>The listener begins beside the test.</summary>
    private static async Task<HostKeyWord> RetryAsync(Func<Task<HostKeyWord>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (BakeException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                await Task.Delay(20);
            }
        }
    }

    private static async Task<BakeException> UntilItListensAsync(Func<Task<BakeException>> ask)
    {
        while (true)
        {
            BakeException fault = await ask();
            if (fault.InnerException is not SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                return fault;
            }

            await Task.Delay(20);
        }
    }
}
