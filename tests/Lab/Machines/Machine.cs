using System.Text.RegularExpressions;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>One machine of the baked image. What it wrote outlives its run: starting again is a boot of the same machine.</summary>
internal abstract class Machine : IDisposable
{
    private readonly MachineOptions _options;
    private string? _address;

    protected Machine(MachineOptions options)
    {
        _options = options;
        _address = options.Address;
        Directory.CreateDirectory(options.Folder);
        Console = new ConsoleLog(Path.Combine(options.Folder, $"{options.Name}.console.log"));
    }

    /// <summary>A container, unless QEMU is asked for: by the test, or for all of them by IMAGES_MACHINES=qemu.</summary>
    public static Machine New(MachineOptions options, MachineKind kind = MachineKind.Container) =>
        kind == MachineKind.Qemu || Environment.GetEnvironmentVariable("IMAGES_MACHINES") == "qemu"
            ? new VirtualMachine(new VirtualMachineOptions(options))
            : new ContainerMachine(options);

    public string Name => _options.Name;

    /// <summary>To be set where the network does not reserve one and the machine's console told it.</summary>
    public string Address
    {
        get => _address ?? throw new InvalidOperationException($"{Name} has no address that is known.");
        set => _address = value;
    }

    /// <summary>Of the latest boot; empty before the first.</summary>
    public ConsoleLog Console { get; private set; }

    public abstract bool IsRunning { get; }

    /// <summary>Of a machine that has ended: ": " and how, where that is known.</summary>
    protected virtual string HowItEnded => "";

    protected LabNetwork Network => _options.Network ?? throw new InvalidOperationException($"{Name} has no network.");

    public void Start() => Console = PowerOn();

    /// <summary>Waits for a line on the console.</summary>
    public Match WaitFor(string pattern, int seconds, int from = 0) =>
        Console.WaitFor(pattern, TimeSpan.FromSeconds(seconds), () => IsRunning ? null : HowItEnded, from);

    /// <summary>Power cut: nothing on it gets to know, and nothing of it answers any more.</summary>
    public abstract void CutPower();

    /// <summary>What the machine had written is gone, while it is off.</summary>
    public abstract void Wipe();

    /// <summary>Waits until the machine has ended by itself: it is started so that a restart ends it.</summary>
    public void WaitForEnd(int seconds)
    {
        if (!EndsWithin(TimeSpan.FromSeconds(seconds)))
        {
            throw new MachineException($"{Name} did not end within {seconds} s. Its console's tail:\n{Console.Tail()}");
        }

        CutPower();
    }

    /// <summary>Asks the machine over ssh to power off and waits until it has.</summary>
    public void Shutdown(string sshKey)
    {
        // It begins when the answer is here. A session that ends with the machine loses its answer, and to ask again is then to ask a machine
        // that may be off already: ssh takes ten seconds to give that up, which looked like ten seconds more of stopping.
        const string Later = "sudo systemd-run --quiet --collect /bin/sh -c 'sleep 0.5; systemctl --no-block poweroff' && echo asked";
        DateTime end = DateTime.UtcNow.AddMinutes(2);
        while (TrySsh(sshKey, Later) is { ExitCode: 255, Output: "" } && IsRunning && DateTime.UtcNow < end)
        {
            Thread.Sleep(500);
        }

        WaitForEnd(120);
    }

    /// <summary>Runs a command on the machine as admin; retries while sshd is not up yet.</summary>
    /// <param name="sshKey">The administrator's.</param>
    /// <param name="command">For the machine's shell.</param>
    /// <param name="mayFail">Whether a command that fails is no failure.</param>
    /// <param name="seconds">How long sshd may take to come.</param>
    /// <param name="input">What the command reads.</param>
    public string Ssh(string sshKey, string command, bool mayFail = false, int seconds = 120, byte[]? input = null)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            JudgeResult result = TrySsh(sshKey, command, input);
            if (result.ExitCode == 0 || (mayFail && result.ExitCode != 255))
            {
                return result.Output;
            }

            if (result.ExitCode != 255 || DateTime.UtcNow > end)
            {
                if (mayFail)
                {
                    return result.Output;
                }

                throw new MachineException($"On {Name}, '{command}' ended with {result.ExitCode}: {result.Output}{result.Error}\nConsole's tail:\n{Console.Tail()}");
            }

            Thread.Sleep(500);
        }
    }

    /// <summary>Tries it once; 255 is ssh's own failure.</summary>
    public JudgeResult TrySsh(string sshKey, string command, byte[]? input = null) => Network.Try(
        "ssh",
        [
            "-i", sshKey, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=10",
            "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "BatchMode=yes", $"admin@{Address}", command,
        ],
        input);

    public void Dispose() => CutPower();

    /// <summary>Starts it; returns the console of this boot.</summary>
    protected abstract ConsoleLog PowerOn();

    protected abstract bool EndsWithin(TimeSpan patience);
}
