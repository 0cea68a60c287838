using System.Net.Sockets;
using System.Text;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>A socket where systemd-resolved's would be, that answers every question with the same addresses.</summary>
internal sealed class FakeResolved : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<IReadOnlyList<string>> _addresses;

    public FakeResolved(string path, Func<IReadOnlyList<string>> addresses)
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
                await client.ReceiveAsync(buffer);
                string list = string.Join(',', _addresses().Select(address => $$"""{"family":2,"address":[{{address.Replace('.', ',')}}]}"""));
                await client.SendAsync(Encoding.UTF8.GetBytes("{\"parameters\":{\"addresses\":[" + list + "]}}\0"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }
}
