using System.Text;
using Images.Bootstrapper.Files;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// Writes lines to every console of the machine (screen and serial) with the prefix <c>bootstrapper: </c>, and to standard output,
/// which systemd brings into the journal.
/// </summary>
internal sealed class NodeConsole(NodeRoot root, TextWriter journal)
{
    private const string Active = "/sys/class/tty/console/active";

    private readonly Lock _gate = new();

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
                WriteTo(terminal, bytes);
            }
        }
    }

    /// <summary>Metadata and peers have a say in what is printed; they get no control characters.</summary>
    private static string Plain(string line) => string.Concat(line.Select(character => char.IsControl(character) ? ' ' : character));

    private IEnumerable<string> Terminals()
    {
        string list = root[Active];
        return File.Exists(list)
            ? File.ReadAllText(list).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(name => root["/dev/" + name])
            : [];
    }

    private static void WriteTo(string terminal, byte[] bytes)
    {
        try
        {
            using SafeFileHandle handle = LinuxFiles.OpenTerminal(terminal);
            using FileStream stream = new(handle, FileAccess.Write, bufferSize: 0);
            stream.Write(bytes);
        }
        catch (IOException)
        {
            // a console that is listed and cannot be written (no such port) must not stop a boot; the journal has the line
        }
    }
}
