using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>A socket where systemd-resolved's would be, that answers a question with the addresses of its name.</summary>
internal sealed partial class FakeResolved : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<string, IReadOnlyList<string>> _addresses;

    /// <summary>With the same for each name.</summary>
    public FakeResolved(string path, Func<IReadOnlyList<string>> addresses)
        : this(path, _ => addresses())
    {
    }

    public FakeResolved(string path, Func<string, IReadOnlyList<string>> addresses)
    {
        _addresses = addresses;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen();
        _ = ServeAsync();
    }

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                using Socket client = await _socket.AcceptAsync();
                int length = await client.ReceiveAsync(buffer);
                string name = Name().Match(Encoding.UTF8.GetString(buffer, 0, length)).Groups[1].Value;
                string list = string.Join(',', _addresses(name).Select(address => $$"""{"family":2,"address":[{{address.Replace('.', ',')}}]}"""));
                await client.SendAsync(Encoding.UTF8.GetBytes("{\"parameters\":{\"addresses\":[" + list + "]}}\0"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    [GeneratedRegex("\"name\":\"([^\"]*)\"")]
    private static partial Regex Name();
}
