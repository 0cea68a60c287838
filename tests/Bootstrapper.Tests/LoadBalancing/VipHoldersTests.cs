using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.LoadBalancing;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class VipHoldersTests
{
    private const string Address = "10.0.0.20";

    /// <summary>All of them are this machine; the port is where any of them would say whether it holds the address.</summary>
    private const string Own = "127.0.0.21", Other = "127.0.0.22";

    private bool _isHeld;

    [Fact]
    public async Task Each_question_looks_at_the_interfaces_anew()
    {
        VipHolders holders = Holders();
        (await holders.LookAsync(TestContext.Current.CancellationToken)).ShouldBe("not held here");

        _isHeld = true;
        string holder = await holders.LookAsync(TestContext.Current.CancellationToken);
        holder.ShouldBe("held here");
        holders.Describe(holder).ShouldBe("10.0.0.20 of the masters: held here");
    }

    [Fact]
    public async Task Another_that_says_that_it_holds_the_address_too_is_named()
    {
        _isHeld = true;
        using TcpListener listener = new(IPAddress.Parse(Other), VipWord.Port);
        listener.Start();
        Task answering = Task.Run(async () =>
        {
            using Socket socket = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes(new VipWord(Address, IsHeld: true).ToString()));
        });

        (await Holders().LookAsync(TestContext.Current.CancellationToken)).ShouldStartWith($"held here and also by {Other}: ");
        await answering;
    }

    private VipHolders Holders() =>
        new(Address, Own, "masters", _ => Task.FromResult(PeerSet.Parse([Own, Other])), () => _isHeld);
}
