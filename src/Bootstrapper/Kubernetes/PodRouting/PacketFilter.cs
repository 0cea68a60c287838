using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>Makes the kernel hold chains of ours, by iptables: asks first, changes only what differs.</summary>
/// <param name="run">Runs a program: its name, arguments, and what it reads.</param>
internal sealed class PacketFilter(
    Func<string, IReadOnlyList<string>, string?, CancellationToken, Task<CommandResult>> run)
{
    /// <summary>What could not be done, in words; null when the chain stands.</summary>
    public async Task<string?> ApplyAsync(PacketFilterChain chain, CancellationToken cancellationToken)
    {
        CommandResult saved = await run("iptables-save", ["-t", chain.Table], null, cancellationToken);
        if (!saved.Succeeded)
        {
            return $"iptables-save: {saved.Reason}";
        }

        if (chain.StandsIn(saved.Output))
        {
            return null;
        }

        CommandResult restored = await run(
            "iptables-restore", ["--noflush", "--wait", "5"], chain.Restore(saved.Output), cancellationToken);
        return restored.Succeeded ? null : $"iptables-restore ({chain.Table}, {chain.Name}): {FirstOf(restored)}";
    }

    /// <summary>It names every rule that it could not make, below a line of its own; one tells what is wrong.</summary>
    private static string FirstOf(CommandResult restored) =>
        restored.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            is [var head, var rule, _, ..] ? $"{head} {rule}" : restored.Reason;
}
