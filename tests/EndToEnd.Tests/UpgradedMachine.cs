using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>One member of etcd that is upgraded; what it must keep is asked after each start.</summary>
internal sealed class UpgradedMachine : IDisposable
{
    private readonly LoneMachine _lone;
    private readonly EtcdClient _client;
    private readonly int _patience;
    private string _machineId = "";

    /// <param name="folder">Of the run.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="patience">Seconds for a line on its console.</param>
    public UpgradedMachine(string folder, MachineKind kind, int patience)
    {
        _lone = new LoneMachine(folder, new LoneMachineOptions { Kind = kind, Roles = "etcd" });
        _client = new EtcdClient(_lone.Network, _lone.Seeds);
        _patience = patience;
    }

    public Machine Machine => _lone.Machine;

    public string Console => _lone.Machine.Console.Text;

    public string Status => _lone.Run("sudo bootstrapper status");

    /// <summary>The first start, and data that every later one must find.</summary>
    public void Begin()
    {
        Boot("bootstrapper: ready: etcd.service");
        WaitFor("bootstrapper: system: running, 0 failed units");
        _machineId = _lone.Run("cat /etc/machine-id");
        _client.Run([LoneMachine.Address], "put", "greeting", "hello").ShouldContain("OK");
        Status.ShouldContain("image     0.1.0");
        Status.ShouldContain(", slot a, ");
    }

    public void Boot(string line)
    {
        Machine.Start();
        WaitFor(line);
    }

    public void WaitFor(string line) => Machine.WaitFor(line, _patience);

    public void WaitForEnd() => Machine.WaitForEnd(_patience);

    public void Restart()
    {
        Machine.Ssh(_lone.Seeds.SshKey, "sudo systemctl --no-block reboot", mayFail: true);
        WaitForEnd(); // the Lab's machines end where a machine would begin anew
    }

    /// <summary>In a boot on trial: the image is kept, then etcd starts, and all is as it was.</summary>
    public void ShouldBeKept(string image, string entry)
    {
        WaitFor($"bootstrapper: image {image}, {entry} is kept");
        WaitFor("bootstrapper: ready: etcd.service");
        Console.IndexOf("is kept", StringComparison.Ordinal)
            .ShouldBeLessThan(Console.IndexOf("ready: etcd.service", StringComparison.Ordinal), "no role starts on trial");
        Status.ShouldContain($"image     {image}, {entry}\n");
        ShouldBeItself();
        _lone.SystemHealth().ShouldBe(("running", ""));
    }

    /// <summary>The loader's way back: three boots that are not well, then the image before, which says why.</summary>
    public void ShouldComeBackFrom(string image, int number)
    {
        for (int left = 2; left >= 0; left--)
        {
            Boot($"this boot is counted: .loader.entries.node-{number}\\+{left}-{3 - left}.conf");
            WaitFor($"bootstrapper: NODE0814  image {image}: ailing.service has failed");
            WaitForEnd();
            Console.ShouldNotContain("ready: etcd.service");
        }

        Boot($"bootstrapper: image {image} was tried 3 times and given up: NODE0814  image {image}: ailing.service has failed");
        WaitFor("bootstrapper: ready: etcd.service");
        Status.ShouldContain($"upgrade   image {image} was tried 3 times and given up: NODE0814");
        ShouldBeItself();
    }

    public void ShouldBeItself()
    {
        _lone.Run("cat /etc/machine-id").ShouldBe(_machineId);
        _client.Run([LoneMachine.Address], "get", "--print-value-only", "greeting").Trim().ShouldBe("hello");
    }

    /// <returns>What the command said, whether or not it did it.</returns>
    public string Upgrade(string file) => Run("sudo bootstrapper upgrade - --no-reboot 2>&1", file);

    public string Rollback() => Run("sudo bootstrapper rollback --no-reboot 2>&1", file: null);

    /// <summary>An upgrade of which a part arrives, and then the power goes.</summary>
    public void CutWithin(string file, int bytes)
    {
        const string Log = "/var/tmp/upgrade.log";
        Task writing = Task.Run(() => Machine.TrySsh(
            _lone.Seeds.SshKey,
            $"(head --bytes={bytes}; sleep 600) | sudo bootstrapper upgrade - --no-reboot >{Log} 2>&1",
            File.ReadAllBytes(file)));
        for (DateTime end = DateTime.UtcNow.AddSeconds(_patience); !_lone.Run($"cat {Log} 2>/dev/null || :").Contains("root: ", StringComparison.Ordinal);)
        {
            DateTime.UtcNow.ShouldBeLessThan(end, "no part of the root was written");
            Thread.Sleep(100);
        }

        Machine.CutPower();
        writing.Wait(TimeSpan.FromSeconds(60)).ShouldBeTrue("ssh's end");
    }

    public void Dispose() => _lone.Dispose();

    private string Run(string command, string? file) => Machine.Ssh(
        _lone.Seeds.SshKey, command, mayFail: true, input: file is null ? null : File.ReadAllBytes(file));
}
