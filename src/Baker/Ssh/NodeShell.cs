// With what a command answers.
#pragma warning disable MA0048
using System.Net.Sockets;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Images.Baker.Ssh;

/// <summary>What a command on a node has said, and how it ended.</summary>
/// <param name="ExitCode">-1 where a signal ended it.</param>
internal sealed record NodeAnswer(int ExitCode, string Output, string Error);

/// <summary>
/// Runs commands on a node as its administrator, over ssh: the node must show the key that is known of it.
/// </summary>
internal sealed class NodeShell : IDisposable
{
    private const string User = "admin";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>A node that has lost its power is seen, and no router forgets a command that takes minutes.</summary>
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(15);

    private readonly SshClient _client;
    private readonly string _host;

    private NodeShell(SshClient client, string host) => (_client, _host) = (client, host);

    /// <param name="host">A name or an address, perhaps with a port behind a colon.</param>
    public static async Task<NodeShell> ConnectAsync(
        string host, string keyFile, KnownHosts known, CancellationToken cancellationToken)
    {
        (string name, int port) = SshPlace.Parse(host);
        SshClient? client = null;
        try
        {
            ConnectionInfo connection = new PrivateKeyConnectionInfo(name, port, User, new PrivateKeyFile(keyFile))
            {
                Timeout = _patience,
            };
            client = new SshClient(connection) { KeepAliveInterval = _keepAlive };
            client.HostKeyReceived += (_, shown) => shown.CanTrust = known.Has(name, port, shown.HostKey);
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return new NodeShell(client, host);
        }
        catch (Exception e) when (e is SshException or SocketException or IOException or UnauthorizedAccessException
            or InvalidOperationException)
        {
            client?.Dispose();
            throw new BakeException(
                "BAKE0843", host, $"cannot be logged in to: {e.Message.TrimEnd('.')}.",
                "See that it runs, that --ssh-key is a key of its user admin, and that its host key is known.",
                BakeFault.Source, e);
        }
    }

    /// <summary>Runs a command as root and returns what it said.</summary>
    /// <exception cref="BakeException">It failed, or the node is gone; so for every command.</exception>
    public async Task<string> RunAsync(string command, CancellationToken cancellationToken)
    {
        string said = "";
        await GuardAsync(command, async running =>
        {
            await running.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            said = running.Result;
        }).ConfigureAwait(false);
        return said;
    }

    /// <summary>Runs a command as root, whose failing is an answer, too.</summary>
    /// <exception cref="BakeException">The node is gone.</exception>
    public async Task<NodeAnswer> AskAsync(string command, CancellationToken cancellationToken)
    {
        NodeAnswer? answer = null;
        await GuardAsync(
            command,
            async running =>
            {
                await running.ExecuteAsync(cancellationToken).ConfigureAwait(false);
                answer = new NodeAnswer(running.ExitStatus ?? -1, running.Result, running.Error);
            },
            mayFail: true).ConfigureAwait(false);
        return answer!;
    }

    /// <summary>Runs a command as root and gives what it writes to a reader.</summary>
    public Task ReadAsync(string command, Func<Stream, Task> read, CancellationToken cancellationToken) =>
        GuardAsync(command, async running =>
        {
            Task end = running.ExecuteAsync(cancellationToken);
            await read(running.OutputStream).ConfigureAwait(false);
            await end.ConfigureAwait(false);
        });

    /// <summary>Runs a command as root that reads what a writer gives.</summary>
    public Task WriteAsync(string command, Func<Stream, Task> write, CancellationToken cancellationToken) =>
        GuardAsync(command, async running =>
        {
            Task end = running.ExecuteAsync(cancellationToken);
            // aside: a command that refuses ends before it has read all, and then nobody makes room for the writer
            Task writing = Task.Run(
                async () =>
                {
                    await using Stream input = running.CreateInputStream();
                    await write(input).ConfigureAwait(false);
                },
                cancellationToken);
            await Task.WhenAny(writing, end).ConfigureAwait(false);
            if (writing.IsCompleted
                && writing.Exception?.InnerException is not (SshException or ObjectDisposedException))
            {
                await writing.ConfigureAwait(false); // what the writer's own fault is; the command says the rest
            }

            await end.ConfigureAwait(false);
        });

    /// <summary>The machine may be gone before it has answered.</summary>
    public async Task RebootAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync("systemctl --no-block reboot", cancellationToken).ConfigureAwait(false);
        }
        catch (BakeException e) when (e.InnerException is SshConnectionException)
        {
            // that is how it goes
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task GuardAsync(string command, Func<SshCommand, Task> run, bool mayFail = false)
    {
        const string Remedy =
            "The node's own error says what to do; 'bootstrapper status' there says how it is.";
        try
        {
            using SshCommand running = _client.CreateCommand($"sudo -n {command}");
            await run(running).ConfigureAwait(false);
            if (!mayFail && running.ExitStatus != 0)
            {
                string said = running.Error.Trim().ReplaceLineEndings(" ");
                throw new BakeException(
                    "BAKE0844", _host,
                    $"'{command}' failed: {(said.Length > 0 ? said : $"exit code {running.ExitStatus}")}.", Remedy,
                    BakeFault.Source);
            }
        }
        catch (Exception e) when (e is SshException or SocketException)
        {
            throw new BakeException(
                "BAKE0844", _host, $"'{command}' was cut off: {e.Message.TrimEnd('.')}.", Remedy, BakeFault.Source, e);
        }
    }
}
