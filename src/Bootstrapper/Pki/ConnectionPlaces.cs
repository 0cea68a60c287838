using System.Net;
using System.Net.Sockets;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// The connections that are open. Where one too many comes, the oldest (of its address, or of all) is closed: whoever
/// has something to ask is done long before, so that one says nothing.
/// </summary>
internal sealed class ConnectionPlaces(ConnectionLimits limits)
{
    private readonly Lock _gate = new();
    private readonly List<(IPAddress Address, Socket Socket)> _open = []; // oldest first

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    public void Enter(IPAddress address, Socket socket)
    {
        Socket? oldest = null;
        lock (_gate)
        {
            bool tooManyOfOne = _open.Count(place => place.Address.Equals(address)) >= limits.ConnectionsPerAddress;
            if (tooManyOfOne || _open.Count >= limits.ConnectionsAtOnce)
            {
                int index = tooManyOfOne ? _open.FindIndex(place => place.Address.Equals(address)) : 0;
                oldest = _open[index].Socket;
                _open.RemoveAt(index);
            }

            _open.Add((address, socket));
        }

        oldest?.Dispose();
    }

    public void Leave(Socket socket)
    {
        lock (_gate)
        {
            _open.RemoveAll(place => place.Socket == socket);
        }
    }
}
