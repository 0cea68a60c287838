using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>Who holds the virtual address that this machine may hold, at the moment of the question.</summary>
/// <param name="address">The virtual address.</param>
/// <param name="own">This machine's address.</param>
/// <param name="name">Of those who may hold it, for people.</param>
/// <param name="peers">The machines that may hold the address, as DNS named them last.</param>
/// <param name="isHeld">Whether an interface of this machine has it.</param>
internal sealed class VipHolders(
    string address, string own, string name, Func<CancellationToken, Task<PeerSet>> peers, Func<bool> isHeld)
{
    private const int MaxBytes = 256;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    public string Address => address;

    public bool IsHeldHere => isHeld();

    /// <summary>The virtual address that this machine may hold, and the role of those who may; null for none.</summary>
    public static (IPAddress Address, string Role, string Name)? MayHold(NodeState state)
    {
        VirtualAddresses addresses = state.Metadata.Node.Kubernetes.Vip;
        return addresses.Masters is { } masters && Has(RoleNames.Master)
                ? (masters, RoleNames.Master, "masters")
            : addresses.Lb is { } lb && Has(RoleNames.Lb) ? (lb, RoleNames.Lb, "lb")
            : null;

        bool Has(string role) => state.Identity.Roles.Contains(role, StringComparer.Ordinal);
    }

    /// <summary>Null where no virtual address is for this machine.</summary>
    public static VipHolders? Of(NodeState state, PeerDirectory peers) =>
        MayHold(state) is (IPAddress address, string role, string name)
            ? new VipHolders(
                address.ToString(), state.Identity.Address, name, limit => peers.MachinesOfAsync(role, limit),
                () => InterfaceAddress.OfMachine().Any(item => item.Address.Equals(address)))
            : null;

    /// <summary>"10.240.0.20 of the masters: held here", from what <see cref="LookAsync"/> says.</summary>
    public string Describe(string holder) => $"{address} of the {name}: {holder}";

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
}
