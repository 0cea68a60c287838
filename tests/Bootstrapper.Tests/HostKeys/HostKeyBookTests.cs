using System.Text.RegularExpressions;
using Images.Baker;
using Images.Baker.Ssh;
using Images.Bootstrapper.Pki;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.HostKeys;

/// <summary>What <c>baker</c> remembers of machines, and what ssh's own tools make of the file that it writes for them.</summary>
public sealed class HostKeyBookTests : IDisposable
{
    private readonly HostKeyMachine _machine = new("etcd");
    private readonly List<string> _said = [];

    public HostKeyBookTests()
    {
        _machine.Mint(CertificateCatalogue.EtcdServer);
        _machine.Listen();
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task What_a_machine_says_is_written_as_ssh_reads_it_and_said_once()
    {
        KnownMachine first = await AskAsync(_machine.Address);
        await AskAsync(_machine.Address);
        await AskAsync($"{_machine.Address}:2222");

        _said.Count.ShouldBe(2);
        _said[0].ShouldBe($"{_machine.Address} is node1, asked for the first time: {HostKeyBook.Fingerprints(first)}");
        string file = new KnownMachineFile(_machine.Secrets).KnownHosts;
        string listed = Judge.Run("ssh-keygen", "-l", "-f", file);
        foreach (string type in new[] { "ed25519", "ecdsa" })
        {
            string fingerprint = Judge.Run("ssh-keygen", "-l", "-f", _machine.KeyFile(type)).Split(' ')[1];
            Regex.Count(listed, Regex.Escape(fingerprint)).ShouldBe(2);
            foreach (string name in new[] { _machine.Address, $"[{_machine.Address}]:2222" })
            {
                Judge.Run("ssh-keygen", "-l", "-F", name, "-f", file).ShouldContain(fingerprint);
            }
        }

        Judge.Try("ssh-keygen", "-F", "10.0.0.99", "-f", file).ExitCode.ShouldBe(1);
        KnownHosts known = KnownHosts.Read(file);
        known.Has(_machine.Address, 22, Convert.FromBase64String(first.Keys[0].Base64)).ShouldBeTrue();
        known.Has(_machine.Address, 23, Convert.FromBase64String(first.Keys[0].Base64)).ShouldBeFalse();
        foreach (string path in Directory.EnumerateFiles(_machine.Secrets, "known*"))
        {
            (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).ShouldBe(UnixFileMode.None);
        }
    }

    [Fact]
    public async Task Another_key_of_the_same_machine_stops_everything_and_nothing_is_forgotten()
    {
        await AskAsync(_machine.Address);
        string[] before = Files();
        _machine.MakeKeys();

        BakeException refusal = await Should.ThrowAsync<BakeException>(() => AskAsync(_machine.Address));
        refusal.Code.ShouldBe("BAKE0969");
        refusal.Fault.ShouldBe(BakeFault.Input, "'baker backup' goes on to another machine where the fault is a source's");
        string now = Judge.Run("ssh-keygen", "-l", "-f", _machine.KeyFile("ecdsa")).Split(' ')[1];
        refusal.Problem.ShouldContain(now);
        refusal.Remedy.ShouldContain("known-machines.json");
        Files().ShouldBe(before);
    }

    [Fact]
    public async Task A_machine_with_a_new_disk_is_taken_and_said()
    {
        KnownMachine first = await AskAsync(_machine.Address);
        _machine.BecomeAnother();

        KnownMachine second = await AskAsync(_machine.Address);
        second.Machine.ShouldNotBe(first.Machine);
        _said[^1].ShouldStartWith($"{_machine.Address} is another machine than before, node1 (before node1), with other host keys: ");
        Files()[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(second.Lines);
    }

    [Fact]
    public async Task A_type_of_key_that_an_image_brings_is_taken_beside_the_one_that_was_known()
    {
        string file = _machine.KeyFile("ecdsa") + ".pub", away = file + ".away";
        File.Move(file, away);
        (await AskAsync(_machine.Address)).Keys.Count.ShouldBe(1);
        File.Move(away, file);
        (await AskAsync(_machine.Address)).Keys.Count.ShouldBe(2);
        Files()[1].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
    }

    [Fact]
    public async Task In_one_run_a_machine_is_asked_once()
    {
        HostKeyBook book = Book();
        KnownMachine first = await AskAsync(_machine.Address, book);
        _machine.BecomeAnother();
        (await AskAsync(_machine.Address, book)).ShouldBeSameAs(first);
    }

    [Fact]
    public async Task Of_many_machines_those_that_answer_are_kept_and_the_worst_fault_is_the_first()
    {
        await AskAsync(_machine.Address);
        _machine.MakeKeys();
        using HostKeyMachine other = new("etcd"); // of another cluster, and not listening
        (IReadOnlyList<KnownMachine> machines, IReadOnlyList<BakeException> faults) = await Book().AskAllAsync(
            [(other.Address, NodeRole.Etcd), (_machine.Address, NodeRole.Etcd), ($"{_machine.Address}:23", NodeRole.Etcd)], _machine.Stop);
        machines.Select(machine => machine.Host).ShouldBe([$"{_machine.Address}:23"]);
        faults.Select(fault => fault.Code).ShouldBe(["BAKE0969", "BAKE0967"]);
    }

    [Fact]
    public async Task Whose_keys_count_is_said_by_the_users_file_where_there_is_one_and_else_by_the_machine()
    {
        string secrets = Path.Combine(_machine.Secrets, "secrets");
        Directory.CreateDirectory(secrets);
        foreach (string path in Directory.EnumerateFiles(_machine.Secrets, "*.crt"))
        {
            File.Copy(path, Path.Combine(secrets, Path.GetFileName(path)));
        }

        await AskAsync(_machine.Address); // it listens
        byte[] key = Convert.FromBase64String(File.ReadAllText(_machine.KeyFile("ed25519") + ".pub").Split(' ')[1]);
        string empty = Path.Combine(_machine.Secrets, "of-the-user");
        File.WriteAllText(empty, "");
        (await NodeKeys.Of(_machine.Secrets, empty, _said.Add).OfAsync(_machine.Address, NodeRole.Etcd, _machine.Stop))
            .Has(_machine.Address, 22, key).ShouldBeFalse();
        (await NodeKeys.Of(_machine.Secrets, null, _said.Add).OfAsync(_machine.Address, NodeRole.Etcd, _machine.Stop))
            .Has(_machine.Address, 22, key).ShouldBeTrue();
    }

    private HostKeyBook Book() => new(_machine.Client(), new KnownMachineFile(_machine.Secrets), _said.Add);

    private async Task<KnownMachine> AskAsync(string host, HostKeyBook? book = null)
    {
        while (true)
        {
            try
            {
                return await (book ?? Book()).AskAsync(host, NodeRole.Etcd, _machine.Stop);
            }
            catch (BakeException e) when (e.InnerException is System.Net.Sockets.SocketException)
            {
                await Task.Delay(20, _machine.Stop); // it begins to listen beside the test
            }
        }
    }

    /// <summary>Both, as they are.</summary>
    private string[] Files()
    {
        KnownMachineFile file = new(_machine.Secrets);
        return [File.ReadAllText(file.Place), File.ReadAllText(file.KnownHosts)];
    }
}
