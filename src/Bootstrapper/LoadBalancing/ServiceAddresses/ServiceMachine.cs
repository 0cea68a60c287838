using System.Globalization;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// What an lb changes of its machine for Services: files of haproxy and keepalived, and the kernel's table.
/// </summary>
/// <param name="root">The machine's files.</param>
/// <param name="device">The network interface that gets the addresses.</param>
/// <param name="run">Runs a program: its name, arguments, and what it reads.</param>
internal sealed class ServiceMachine(
    NodeRoot root, string device,
    Func<string, IReadOnlyList<string>, string?, CancellationToken, Task<CommandResult>> run, TimeProvider time)
{
    /// <summary>Within the block of addresses that move with the virtual one.</summary>
    public const string Held = "/etc/keepalived/services.conf";

    private const string Haproxy = "haproxy.service";
    private const string Keepalived = "keepalived.service";

    /// <summary>Others may have emptied the kernel's tables; it tells nobody.</summary>
    private static readonly TimeSpan _lookAtKernel = TimeSpan.FromSeconds(30);

    private string? _rules;
    private long _lookedAt;
    private HashSet<(string Address, int Port, string Worker)> _flows = [];

    /// <summary>haproxy's second file, for one that does not run.</summary>
    public void Keep(string text)
    {
        string path = root[HaproxyServices.Path];
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            WriteForHaproxy(path, text);
        }
    }

    /// <summary>
    /// haproxy's second file. One that it refuses does not stay, for haproxy would not start with it, and the API is
    /// behind the same haproxy.
    /// </summary>
    /// <returns>What could not be done, in words; so for each.</returns>
    public async Task<string?> ForwardAsync(string text, CancellationToken cancellationToken)
    {
        string path = root[HaproxyServices.Path];
        string? before = File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
        WriteForHaproxy(path, text);
        CommandResult reloaded = await run(
            "systemctl", ["try-reload-or-restart", Haproxy], null, cancellationToken);
        if (reloaded.Succeeded)
        {
            return null;
        }

        if (before is null)
        {
            File.Delete(path);
        }
        else
        {
            WriteForHaproxy(path, before);
        }

        return $"haproxy does not take the Services of type LoadBalancer, and goes on as before: {reloaded.Reason}; "
            + "'journalctl -u haproxy' says more";
    }

    /// <summary>The addresses that keepalived holds with the virtual one, here or on the lb that has it.</summary>
    public async Task<string?> HoldAsync(IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        string path = root[Held];
        string text = string.Concat(addresses.Select(address => $"    {address}/32 dev {device}\n"));
        string? before = File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken) : null;
        if (before == text)
        {
            return null;
        }

        AtomicFile.Write(path, text, AtomicFile.OwnerOnly);
        if (before is null && text.Length == 0)
        {
            return null; // keepalived would only say that it is not there
        }

        // it can be reloaded, so it is; where it does not run, nothing happens
        CommandResult reloaded = await run(
            "systemctl", ["try-reload-or-restart", "--no-block", Keepalived], null, cancellationToken);
        return reloaded.Succeeded
            ? null
            : $"keepalived cannot be told of the addresses of Services: {reloaded.Reason}";
    }

    /// <summary>The table of the kernel: what is open at the addresses, and who gets UDP.</summary>
    /// <param name="workers">Those that are well.</param>
    public async Task<string?> TranslateAsync(
        ServicePlan plan, Func<ServicePort, IReadOnlyList<string>> workers, CancellationToken cancellationToken)
    {
        string rules = ServiceTable.Rules(plan, workers);
        if (rules == _rules && time.GetElapsedTime(_lookedAt) < _lookAtKernel)
        {
            return null;
        }

        _lookedAt = time.GetTimestamp();
        if (!await StandsAsync(rules, cancellationToken))
        {
            CommandResult set = await run(
                "nft", ["--file", "-"], ServiceTable.Write(rules), cancellationToken);
            if (!set.Succeeded)
            {
                _rules = null;
                return $"the kernel does not take the rules for addresses of Services: nft: {set.Reason}";
            }
        }

        _rules = rules;
        await ForgetFlowsAsync(
            [.. from port in plan.Ports
                where port.IsUdp
                from worker in workers(port)
                select (port.Address, port.Port, worker)],
            cancellationToken);
        return null;
    }

    private async Task<bool> StandsAsync(string rules, CancellationToken cancellationToken) =>
        (await run(
            "nft", ["list", "chain", "ip", ServiceTable.Name, ServiceTable.MarkOf(rules)], null, cancellationToken))
            .Succeeded;

    /// <summary>
    /// A client that keeps sending from one port would go to a worker that is gone for ever: the kernel asks the table
    /// for the first packet only.
    /// </summary>
    private async Task ForgetFlowsAsync(
        HashSet<(string Address, int Port, string Worker)> flows, CancellationToken cancellationToken)
    {
        foreach ((string address, int port, string worker) in _flows.Except(flows))
        {
            string number = port.ToString(CultureInfo.InvariantCulture);
            // fails where there are none
            await run(
                "conntrack",
                ["-D", "-p", "udp", "--orig-dst", address, "--orig-port-dst", number, "--reply-src", worker],
                null, cancellationToken);
        }

        _flows = flows;
    }

    private void WriteForHaproxy(string path, string text) => AtomicFile.Write(
        path, text, AtomicFile.OwnerOnly | UnixFileMode.GroupRead,
        root.IsMachine ? FileOwner.Parse("root:haproxy", root) : null);
}
