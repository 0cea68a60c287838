using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Says to others whether this machine holds the virtual address, and asks them where it does: two that hold it are
/// said on the consoles of both and stand in their status.
/// </summary>
/// <param name="address">The virtual address.</param>
/// <param name="own">This machine's address.</param>
/// <param name="peers">The machines that may hold it, as DNS named them last.</param>
/// <param name="isHeld">Whether an interface of this machine has it.</param>
/// <param name="show">Given the line for the status.</param>
/// <param name="narrator">Told of each change.</param>
internal sealed class VipOwnersDuty(
    string address, string own, Func<CancellationToken, Task<PeerSet>> peers, Func<bool> isHeld, Action<string> show,
    Narrator narrator, TimeProvider time)
{
    private const int MaxBytes = 256;

    private static readonly TimeSpan _look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken) =>
        await await Task.WhenAny(AnswerAsync(cancellationToken), FollowAsync(cancellationToken));

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            string line = await LookAsync(cancellationToken);
            show(line);
            narrator.SayOnce($"virtual address {address}: holder", $"virtual address {address}: {line}");
            await Task.Delay(_look, time, cancellationToken);
        }
    }

    /// <summary>Who holds it, in words.</summary>
    public async Task<string> LookAsync(CancellationToken cancellationToken)
    {
        if (!isHeld())
        {
            return "not held here";
        }

        PeerSet named = await peers(cancellationToken);
        string[] others = [.. named.Addresses.Where(other => other != own)];
        bool[] answers = await Task.WhenAll(others.Select(other => IsHeldByAsync(other, cancellationToken)));
        string[] holders = [.. others.Zip(answers).Where(pair => pair.Second).Select(pair => pair.First)];
        return holders.Length == 0 || !isHeld() // it may have moved meanwhile
            ? "held here"
            : $"held here and also by {string.Join(", ", holders)}: they do not hear each other; see that DNS names "
                + "all of them, and that protocol 112 passes between them";
    }

    private async Task<bool> IsHeldByAsync(string other, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            using TcpClient client = new(AddressFamily.InterNetwork);
            await client.ConnectAsync(IPAddress.Parse(other), VipWord.Port, limit.Token);
            byte[] buffer = new byte[MaxBytes];
            int count = await client.GetStream()
                .ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token);
            return VipWord.Parse(Encoding.ASCII.GetString(buffer, 0, count)) is { IsHeld: true } word
                && word.Address == address;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        using TcpListener listener = await AddressListener.StartAsync(
            new IPEndPoint(IPAddress.Parse(own), VipWord.Port), time, cancellationToken);
        while (true)
        {
            try
            {
                using Socket socket = await listener.AcceptSocketAsync(cancellationToken);
                using CancellationTokenSource limit =
                    CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(_patience);
                await socket.SendAsync(Encoding.ASCII.GetBytes(new VipWord(address, isHeld()).ToString()), limit.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                await Task.Delay(_pause, time, cancellationToken); // the other side went away, or no more descriptors
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // a slow reader; the next one waits for it no longer
            }
        }
    }
}
