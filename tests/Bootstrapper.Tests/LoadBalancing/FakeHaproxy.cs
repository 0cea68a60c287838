using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.LoadBalancing;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.LoadBalancing;

/// <summary>haproxy's socket with places that change as it is told: a line of commands, an answer, the end.</summary>
internal sealed class FakeHaproxy : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Dictionary<string, (string Address, int Port, int Admin)> _servers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ill = new(StringComparer.Ordinal);
    private readonly Task _serving;

    public FakeHaproxy(params string[] places)
    {
        foreach (string place in places)
        {
            _servers[place] = ("127.0.0.1", 1, 5);
        }

        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public string SocketPath => _folder["control.sock"];

    public List<string> Commands { get; } = [];

    /// <summary>"backend/server address:port state", in the order of the configuration.</summary>
    public string[] Servers => [.. _servers.Select(pair => $"{pair.Key} {pair.Value.Address}:{pair.Value.Port} {StateOf(pair.Value.Admin)}")];

    public int Sessions { get; set; }

    /// <summary>A machine in a place, and how haproxy finds it.</summary>
    public void Place(string place, string address, bool isUp)
    {
        _servers[place] = (address, 1, 0);
        if (isUp)
        {
            _ill.Remove(place);
        }
        else
        {
            _ill.Add(place);
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _serving.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _end.Dispose();
        _folder.Dispose();
    }

    private static string StateOf(int admin) => (admin & 0x23) != 0 ? "off" : (admin & 0x18) != 0 ? "draining" : "on";

    private async Task ServeAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            using Socket socket = await _listener.AcceptAsync(_end.Token);
            byte[] buffer = new byte[64 * 1024];
            string line = Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, _end.Token));
            await socket.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Answers(line)) + "\n"), _end.Token);
        }
    }

    private IEnumerable<string> Answers(string line) => line.StartsWith("set ssl cert", StringComparison.Ordinal) || line.StartsWith("commit ssl cert", StringComparison.Ordinal)
        ? [Certificate(line)]
        : line.TrimEnd('\n').Split(';').Select(Answer);

    private string Certificate(string text)
    {
        Commands.Add(text);
        return text.StartsWith("commit", StringComparison.Ordinal) ? "Committing\nSuccess!\n" : "Transaction created\n";
    }

    private string Answer(string command)
    {
        string[] words = command.Split(' ');
        if (command == "show servers state")
        {
            return "1\n# be_name srv_name srv_addr srv_op_state srv_admin_state srv_port\n"
                + string.Concat(_servers.Select(pair => $"{pair.Key.Replace('/', ' ')} {pair.Value.Address} {(_ill.Contains(pair.Key) ? 0 : 2)} {pair.Value.Admin} {pair.Value.Port}\n"));
        }

        if (command == HaproxySessions.Question)
        {
            return "# pxname,svname,scur\n" + string.Concat(_servers.Keys.Select(place => $"{place.Replace('/', ',')},{Sessions}\n"));
        }

        Commands.Add(command);
        string key = words[0] == "shutdown" ? words[3] : words[2];
        if (!_servers.TryGetValue(key, out var server))
        {
            return "No such server.\n";
        }

        _servers[key] = words switch
        {
            [_, _, _, "addr", var address, "port", var port] => (address, int.Parse(port), server.Admin),
            [_, _, _, "state", "ready"] => (server.Address, server.Port, server.Admin & 4),
            [_, _, _, "state", "drain"] => (server.Address, server.Port, 8),
            [_, _, _, "state", "maint"] => (server.Address, server.Port, 1),
            _ => server,
        };
        return "";
    }
}
