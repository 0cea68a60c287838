using System.Net.Sockets;
using System.Text;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// haproxy's runtime API on its socket (management guide of haproxy 3.0, 9.3): a line of commands with ';' between
/// them, an answer to its end, and the connection is over.
/// </summary>
internal sealed class HaproxyRuntime(string socketPath)
{
    /// <summary>A place takes some hundred bytes, and there are some thousand places at most.</summary>
    private const int MaxAnswerBytes = 4 << 20;

    /// <summary>haproxy's own buffer, of which a line takes a part.</summary>
    private const int MaxLineBytes = 8 * 1024;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    public Task<string> AskAsync(string command, CancellationToken cancellationToken) =>
        SendAsync(command + "\n", cancellationToken);

    /// <summary>In their order; as many of them at once as a line takes. What haproxy has to say of them.</summary>
    public async Task<string> TellAsync(IReadOnlyList<string> commands, CancellationToken cancellationToken)
    {
        StringBuilder said = new();
        StringBuilder line = new();
        foreach (string command in commands)
        {
            if (line.Length + command.Length + 1 > MaxLineBytes)
            {
                said.Append(await SendAsync(line.Append('\n').ToString(), cancellationToken));
                line.Clear();
            }

            line.Append(line.Length == 0 ? "" : ";").Append(command);
        }

        said.Append(line.Length == 0 ? "" : await SendAsync(line.Append('\n').ToString(), cancellationToken));
        return said.ToString().Trim();
    }

    /// <summary>
    /// A certificate with its key in place of the one that was read from a file; what is under way goes on.
    /// </summary>
    /// <param name="path">As the configuration names it.</param>
    /// <param name="pem">Both. It ends with its last line: an empty one ends what haproxy takes.</param>
    public async Task<string> ReplaceCertificateAsync(string path, string pem, CancellationToken cancellationToken)
    {
        string text = string.Join('\n', pem.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        string set = await SendAsync($"set ssl cert {path} <<\n{text}\n\n", cancellationToken);
        string commit = await SendAsync($"commit ssl cert {path}\n", cancellationToken);
        return commit.Contains("Success", StringComparison.Ordinal) ? "" : $"{set.Trim()} {commit.Trim()}";
    }

    /// <exception cref="IOException">haproxy does not run (yet), or does not answer.</exception>
    private async Task<string> SendAsync(string text, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
            await using NetworkStream stream = new(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), limit.Token);
            return await ReadAsync(stream, limit.Token);
        }
        catch (SocketException e)
        {
            throw new IOException("haproxy does not run", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"haproxy gives no answer within {_patience.TotalSeconds:F0} s", e);
        }
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using MemoryStream answer = new();
        byte[] chunk = new byte[16 * 1024];
        while (await stream.ReadAsync(chunk, cancellationToken) is > 0 and int count)
        {
            answer.Write(chunk, 0, count);
            if (answer.Length > MaxAnswerBytes)
            {
                throw new IOException("haproxy's answer is longer than 4 MiB");
            }
        }

        return Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
    }
}
