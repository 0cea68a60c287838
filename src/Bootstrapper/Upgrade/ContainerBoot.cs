using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// What whoever started a node as a container says of this start: on a machine the boot loader's variables and the
/// kernel say it. <c>slot a</c>, <c>root-hash HEX</c>, <c>entry node-1.conf</c>, and in a boot that is counted
/// <c>counted node-2+2-1.conf</c>, a line each.
/// </summary>
internal sealed record ContainerBoot
{
    /// <summary>The slot that runs: a or b.</summary>
    public required char Slot { get; init; }

    /// <summary>64 digits of lower-case hexadecimal.</summary>
    public required string RootHash { get; init; }

    public required string Entry { get; init; }

    /// <summary>The entry under its name while it is tried; null in a boot that nobody counts.</summary>
    public BootEntry? Counted { get; init; }

    /// <summary>Null on a machine, and where the node was given no slots.</summary>
    public static ContainerBoot? Read(NodeRoot root)
    {
        if (!root.IsContainer || !File.Exists(root[NodePaths.ContainerBoot]))
        {
            return null;
        }

        Dictionary<string, string> words = File.ReadLines(root[NodePaths.ContainerBoot])
            .Select(line => line.Split(' ', 2))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0], StringComparer.Ordinal)
            .ToDictionary(parts => parts.Key, parts => parts.Last()[1], StringComparer.Ordinal);
        return words.GetValueOrDefault("slot") is "a" or "b"
            && words.TryGetValue("root-hash", out string? hash)
            && words.TryGetValue("entry", out string? entry)
                ? new ContainerBoot
                {
                    Slot = words["slot"][0],
                    RootHash = hash,
                    Entry = entry,
                    Counted = BootEntry.TryParse(words.GetValueOrDefault("counted", ""), out BootEntry? counted)
                        ? counted
                        : null,
                }
                : null;
    }
}
