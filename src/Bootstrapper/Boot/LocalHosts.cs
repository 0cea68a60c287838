using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Files;

namespace Images.Bootstrapper.Boot;

/// <summary>
/// Puts the names that the metadata has addresses for into /etc/hosts, between two lines of ours: there the C library,
/// Go's programs and systemd-resolved, which reads the file for whoever asks it, all look before they ask DNS.
/// </summary>
internal static class LocalHosts
{
    public const string FilePath = "/etc/hosts";

    private const string Begin = "# From the metadata (node.single, node.hosts), anew at each boot:";
    private const string End = "# that is all of the metadata's";

    /// <summary>Writes the file if it changes; what stands around our lines stays.</summary>
    public static void Write(NodeRoot root, LocalNames names)
    {
        string path = root[FilePath];
        string before = File.Exists(path) ? File.ReadAllText(path) : "";
        string others = WithoutOurs(before);
        string gap = others.Length == 0 || others.EndsWith('\n') ? "" : "\n";
        string after = names.Hosts.Count == 0 ? others : $"{others}{gap}{Begin}\n{Lines(names)}{End}\n";
        if (after != before)
        {
            AtomicFile.Write(path, after, AtomicFile.Public);
        }
    }

    /// <summary>A line an address and name: hosts(5) takes several lines of one name as several addresses.</summary>
    private static string Lines(LocalNames names) =>
        string.Concat(from host in names.Hosts from address in host.Addresses select $"{address}\t{host.Name}\n");

    private static string WithoutOurs(string text)
    {
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : text.IndexOf(End + "\n", begin, StringComparison.Ordinal);
        return end < 0 ? text : text.Remove(begin, end + End.Length + 1 - begin);
    }
}
