using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>What docs/hardening.md says of every machine, asked of one that runs.</summary>
public sealed class HardenedMachineTests : IDisposable
{
    private static readonly string[][] _settings =
    [
        .. File.ReadAllLines(Path.Combine(Checkout.Folder, "roles/common/files/usr/lib/sysctl.d/60-images.conf"))
            .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(" = ")),
    ];

    private readonly string _folder = BakedImage.RunFolder(nameof(HardenedMachineTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;

    public HardenedMachineTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
    }

    [Fact]
    public void A_container_has_the_settings_of_its_own_network_no_diagnostic_socket_and_the_agent_in_its_sandbox()
    {
        using ContainerMachine machine = new(Options("container"));
        Start(machine);

        ShouldBeHardened(machine);
        Differences(machine, _settings.Where(setting => setting[0].StartsWith("net.ipv", StringComparison.Ordinal) && setting[0].Contains(".conf.", StringComparison.Ordinal))).ShouldBeEmpty();
        ShouldStopWithoutLinesThatAreDrawnAnew(machine);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_machine_has_every_setting_loads_signed_modules_alone_and_no_rare_protocol()
    {
        using VirtualMachine machine = new(new VirtualMachineOptions(Options("machine")));
        Start(machine);

        ShouldBeHardened(machine);
        Differences(machine, _settings).ShouldBeEmpty();
        Ask(machine, "cat /sys/module/module/parameters/sig_enforce").ShouldBe("Y");
        Ask(machine, "sudo modprobe tipc 2>/dev/null; grep -c ^tipc /proc/modules").ShouldBe("0");
        Ask(machine, "ulimit -c; sh -c 'kill -SEGV $$'; ls | grep -c core").ShouldEndWith("0");
    }

    public void Dispose() => _network.Dispose();

    private MachineOptions Options(string name) => new()
    {
        Name = name,
        Folder = _folder,
        Seed = _seeds.Role("etcd", size: 1),
        Network = _network,
        Address = "10.240.0.11",
    };

    private static void Start(Machine machine)
    {
        machine.Start();
        machine.WaitFor("bootstrapper: system: running, 0 failed units", 600);
    }

    private void ShouldBeHardened(Machine machine)
    {
        Ask(machine, "sudo find / -xdev -name 'dotnet-diagnostic*' -o -xdev -name 'clr-debug-pipe*'; sudo find /tmp /run -name 'dotnet-diagnostic*'").ShouldBeEmpty();
        Ask(machine, "ip -6 -oneline address show scope link | grep -c ': e[nt]'").ShouldBe("0");
        Ask(machine, "sudo nft list table ip images-loopback | grep -c drop").ShouldBe("2");
        const string Agent = "/proc/$(systemctl show --property MainPID --value bootstrapper-agent.service)";
        Ask(machine, $"sudo cat {Agent}/environ | tr '\\0' '\\n'").ShouldContain("DOTNET_EnableDiagnostics=0");
        Ask(machine, $"grep -c -e 'NoNewPrivs:.1' -e 'Seccomp:.2' {Agent}/status").ShouldBe("2");
        Ask(machine, $"sudo grep 'Max core file size' {Agent}/limits").ShouldMatch(@"size +0 +0 ");
    }

    /// <summary>After five seconds systemd would begin to say what it waits for, three times a second.</summary>
    private void ShouldStopWithoutLinesThatAreDrawnAnew(Machine machine)
    {
        Ask(machine, "sudo systemd-run --quiet --unit slow --property 'ExecStop=/bin/sleep 8' sleep infinity");
        machine.Shutdown(_seeds.SshKey);
        machine.Console.Text.ShouldContain("Powering off.");
        machine.Console.Text.ShouldNotContain("job is running");
    }

    private string[] Differences(Machine machine, IEnumerable<string[]> settings)
    {
        string[][] wanted = [.. settings];
        // a setting that this kernel does not know is an empty line, at the end too
        string[] found = Ask(machine, $"echo begin; {string.Join("; ", wanted.Select(Show))}; echo end").Split('\n')[1..^1];
        found.Length.ShouldBe(wanted.Length);
        return [.. wanted.Zip(found).Where(pair => pair.Second.Split(' ', StringSplitOptions.RemoveEmptyEntries).Any(value => value != pair.First[1].Replace(' ', '_')))
            .Select(pair => $"{pair.First[0]}: {pair.Second}, not {pair.First[1]}")];
    }

    /// <summary>One line, with the values of all files that the name's pattern means.</summary>
    private static string Show(string[] setting) =>
        $"for f in /proc/sys/{setting[0].Replace('.', '/')}; do [ ! -e $f ] || sudo cat $f | tr ' \\t' '__'; done | tr '\\n' ' '; echo";

    private string Ask(Machine machine, string command) => machine.Ssh(_seeds.SshKey, command + "; true").Trim();
}
