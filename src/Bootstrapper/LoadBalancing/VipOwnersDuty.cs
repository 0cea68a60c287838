using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Says to others whether this machine holds the virtual address, and asks them where it does: two that hold it are
/// said on the consoles of both and stand in their status.
/// </summary>
/// <param name="holders">Of the virtual address.</param>
/// <param name="own">This machine's address.</param>
/// <param name="show">Given the line for the status.</param>
/// <param name="narrator">Told of each change.</param>
internal sealed class VipOwnersDuty(
    VipHolders holders, string own, Action<string> show, Narrator narrator, TimeProvider time)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken) =>
        await await Task.WhenAny(AnswerAsync(cancellationToken), FollowAsync(cancellationToken));

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            string line = await holders.LookAsync(cancellationToken);
            show(holders.Describe(line));
            narrator.SayOnce(
                $"virtual address {holders.Address}: holder", $"virtual address {holders.Address}: {line}");
            await Task.Delay(_look, time, cancellationToken);
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
                VipWord word = new(holders.Address, holders.IsHeldHere);
                await socket.SendAsync(Encoding.ASCII.GetBytes(word.ToString()), limit.Token);
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
