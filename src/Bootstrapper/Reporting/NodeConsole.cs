using System.Text;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// Writes lines to every console of the machine (screen and serial, or the one of a container) with the prefix
/// <c>bootstrapper: </c>, and to standard output, which systemd brings into the journal. A console that nobody
/// reads loses lines and holds nothing up.
/// </summary>
internal sealed class NodeConsole(NodeRoot root, TextWriter journal)
{
    private const string Active = "/sys/class/tty/console/active";
    private const string OfContainer = "/dev/console";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ConsoleTerminal> _terminals = new(StringComparer.Ordinal);

    public static NodeConsole ForMachine() => new(NodeRoot.Machine, Console.Out);

    public void WriteLine(string line)
    {
        string plain = Plain(line);
        lock (_gate)
        {
            journal.WriteLine(plain);
            journal.Flush();
            byte[] bytes = Encoding.UTF8.GetBytes($"bootstrapper: {plain}\r\n");
            foreach (string terminal in Terminals())
            {
                Terminal(terminal).Write(bytes);
            }
        }
    }

    /// <summary>As everywhere, and a line is one line.</summary>
    private static string Plain(string line) => PlainText.Of(line).Replace('\n', ' ');

    private IEnumerable<string> Terminals()
    {
        if (root.IsContainer)
        {
            return [root[OfContainer]]; // the list is of the host's
        }

        string list = root[Active];
        return File.Exists(list)
            ? File.ReadAllText(list)
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(name => root["/dev/" + name])
            : [];
    }

    private ConsoleTerminal Terminal(string path)
    {
        if (!_terminals.TryGetValue(path, out ConsoleTerminal? terminal))
        {
            _terminals[path] = terminal = new ConsoleTerminal(path);
        }

        return terminal;
    }
}
