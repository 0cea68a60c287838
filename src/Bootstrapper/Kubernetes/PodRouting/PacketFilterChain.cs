namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>A chain of ours in iptables, first in one of the kernel's.</summary>
/// <param name="Table">For example <c>nat</c>.</param>
/// <param name="Hook">The kernel's chain that jumps to it.</param>
/// <param name="Name">Its name; ours alone.</param>
/// <param name="Rules">As <c>iptables-save</c> prints them, without <c>-A name</c>.</param>
internal sealed record PacketFilterChain(string Table, string Hook, string Name, IReadOnlyList<string> Rules)
{
    public string Jump => $"-A {Hook} -j {Name}";

    /// <summary>
    /// Whether what <c>iptables-save -t table</c> prints holds the chain, and the jump before any other
    /// rule of the hook.
    /// </summary>
    public bool StandsIn(string saved)
    {
        string[] lines = saved.Split('\n', StringSplitOptions.TrimEntries);
        return lines.Any(line => line.StartsWith($":{Name} ", StringComparison.Ordinal))
            && lines.Where(line => line.StartsWith($"-A {Name} ", StringComparison.Ordinal))
                .SequenceEqual(Rules.Select(rule => $"-A {Name} {rule}"), StringComparer.Ordinal)
            && lines.FirstOrDefault(line => line.StartsWith($"-A {Hook} ", StringComparison.Ordinal)) == Jump
            && lines.Count(line => line == Jump) == 1;
    }

    /// <summary>
    /// For <c>iptables-restore --noflush</c>: all of it at once. Old jumps, as many as there are, make
    /// room for the first.
    /// </summary>
    public string Restore(string saved)
    {
        int jumps = saved.Split('\n', StringSplitOptions.TrimEntries).Count(line => line == Jump);
        return string.Concat(
        [
            $"*{Table}\n:{Name} - [0:0]\n",
            .. Rules.Select(rule => $"-A {Name} {rule}\n"),
            .. Enumerable.Repeat($"-D {Hook} -j {Name}\n", jumps),
            $"-I {Hook} 1 -j {Name}\nCOMMIT\n",
        ]);
    }
}
