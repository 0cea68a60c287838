using System.Net;
using Images.Bootstrapper.Files;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Our parts of /etc/hosts, each between two lines of ours: the names that the metadata has addresses for, and what
/// DNS has said last of the cluster's names. There the C library, Go's programs and systemd-resolved, which reads the
/// file for whoever asks it, all look before they ask DNS.
/// </summary>
internal static class LocalHosts
{
    public const string FilePath = "/etc/hosts";

    private static readonly Part _metadata = new(
        "# From the metadata (node.single, node.hosts), anew at each boot:", "# that is all of the metadata's");

    private static readonly Part _answers = new(
        "# The last good answers of DNS, kept by the bootstrapper while this machine is up:",
        "# that is all of DNS's");

    /// <summary>
    /// At a boot: puts in the names of the metadata, and takes out what DNS said before it. What stands around our
    /// lines stays.
    /// </summary>
    public static void Write(NodeRoot root, LocalNames names) =>
        Change(root, text => _metadata.In(_answers.In(text, []), names.Hosts));

    /// <summary>Puts in what DNS says. A name that has addresses otherwise in the file keeps those.</summary>
    public static void WriteAnswers(NodeRoot root, IReadOnlyList<HostAddresses> answers) => Change(root, text =>
    {
        HashSet<string> others = new(
            Lines(_answers.In(text, [])).SelectMany(line => line.Names), StringComparer.OrdinalIgnoreCase);
        return _answers.In(text, [.. answers.Where(answer => !others.Contains(answer.Name))]);
    });

    /// <summary>
    /// The addresses that others have given a name in the file, as by <c>write_files</c>; what we put there counts for
    /// nothing, else the last answer of DNS would be the next one, too.
    /// </summary>
    public static IReadOnlyList<IPAddress> Find(NodeRoot root, string name)
    {
        string host = name.TrimEnd('.');
        return
        [
            .. Lines(_metadata.In(_answers.In(Read(root), []), []))
                .Where(line => line.Names.Contains(host, StringComparer.OrdinalIgnoreCase))
                .Select(line => line.Address),
        ];
    }

    private static void Change(NodeRoot root, Func<string, string> change)
    {
        string before = Read(root), after = change(before);
        if (after != before)
        {
            AtomicFile.Write(root[FilePath], after, AtomicFile.Public);
        }
    }

    private static string Read(NodeRoot root) => File.Exists(root[FilePath]) ? File.ReadAllText(root[FilePath]) : "";

    /// <summary>As hosts(5) has them; what is none is passed over, as by everybody who reads the file.</summary>
    private static IEnumerable<(IPAddress Address, string[] Names)> Lines(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && IPAddress.TryParse(words[0], out IPAddress? address))
            {
                yield return (address, words[1..]);
            }
        }
    }

    /// <summary>What stands between two lines, and those.</summary>
    private sealed record Part(string Begin, string End)
    {
        /// <summary>The text with this part as it should be, at its end; without hosts there is no part.</summary>
        public string In(string text, IReadOnlyList<HostAddresses> hosts)
        {
            string others = Without(text);
            string gap = others.Length == 0 || others.EndsWith('\n') ? "" : "\n";
            return hosts.Count == 0 ? others : $"{others}{gap}{Begin}\n{LinesOf(hosts)}{End}\n";
        }

        /// <summary>
        /// A line an address and name: hosts(5) takes several lines of one name as several addresses.
        /// </summary>
        private static string LinesOf(IReadOnlyList<HostAddresses> hosts) =>
            string.Concat(from host in hosts from address in host.Addresses select $"{address}\t{host.Name}\n");

        private string Without(string text)
        {
            int begin = text.IndexOf(Begin, StringComparison.Ordinal);
            int end = begin < 0 ? -1 : text.IndexOf(End + "\n", begin, StringComparison.Ordinal);
            return end < 0 ? text : text.Remove(begin, end + End.Length + 1 - begin);
        }
    }
}
