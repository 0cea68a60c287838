using System.Net.Sockets;
using System.Text;

namespace Images.Bootstrapper.Systemd;

/// <summary>
/// Tells systemd how a <c>Type=notify</c> service is doing. See sd_notify(3). Silent when systemd does not listen.
/// </summary>
internal sealed class SystemdNotifier(string? socketPath)
{
    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Status(string status) => Send($"STATUS={status}");

    private void Send(string message)
    {
        if (string.IsNullOrEmpty(socketPath))
        {
            return;
        }

        // '@' stands for the NUL byte of an abstract address
        UnixDomainSocketEndPoint address = new(socketPath[0] == '@' ? "\0" + socketPath[1..] : socketPath);
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo(Encoding.UTF8.GetBytes(message), address);
    }
}
