using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Writes the file by which keepalived knows whether this machine may hold the virtual address. The last word stays
/// where the agent ends: it is back within seconds, and a move for that would cost clients their connections.
/// </summary>
/// <param name="file">keepalived's file.</param>
/// <param name="address">The virtual address.</param>
/// <param name="own">This machine's address.</param>
/// <param name="probe">Asks a machine whether it is ready.</param>
/// <param name="peers">The machines that may hold the address, as DNS named them last.</param>
/// <param name="narrator">Told of each change and why.</param>
/// <param name="time">Of looks: a clock that nobody sets.</param>
internal sealed class VipHealthDuty(
    string file, string address, string own, Func<string, CancellationToken, Task<VipAnswer>> probe,
    Func<CancellationToken, Task<PeerSet>> peers, Narrator narrator, TimeProvider time)
{
    private const string Loopback = "127.0.0.1";
    private const string MayHold = "0\n";
    private const string MayNotHold = "1\n";

    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private long? _namedSince;
    private long? _nobodySince;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // of an agent before this one: then the others know this machine
        bool isKnown = File.Exists(file) && await File.ReadAllTextAsync(file, cancellationToken) == MayHold;
        VipStanding standing = VipStanding.New with { IsAdmitted = isKnown, MayHold = isKnown };
        Write(standing);
        while (true)
        {
            VipStanding next = await LookAsync(standing, cancellationToken);
            if (next.MayHold != standing.MayHold)
            {
                Write(next);
            }

            standing = next;
            await Task.Delay(_look, time, cancellationToken);
        }
    }

    public async Task<VipStanding> LookAsync(VipStanding before, CancellationToken cancellationToken)
    {
        VipAnswer answer = await probe(Loopback, cancellationToken);
        if (!before.IsAdmitted)
        {
            await LookAtOthersAsync(cancellationToken);
        }

        VipLook look = new()
        {
            Own = answer,
            AnotherIsGood = VipRule.AsksOthers(before, answer) && await IsAnotherGoodAsync(cancellationToken),
            NamedFor = Since(_namedSince),
            NobodyFor = Since(_nobodySince),
        };
        VipStanding next = VipRule.Next(before, look);
        Say(before, next, look);
        return next;
    }

    /// <summary>A machine that has just started: can the others know it, and is there anybody?</summary>
    private async Task LookAtOthersAsync(CancellationToken cancellationToken)
    {
        PeerSet named = await peers(cancellationToken);
        _namedSince = named.Contains(own) ? _namedSince ?? time.GetTimestamp() : null;
        _nobodySince = await probe(address, cancellationToken) == VipAnswer.Good
            ? null
            : _nobodySince ?? time.GetTimestamp();
    }

    private async Task<bool> IsAnotherGoodAsync(CancellationToken cancellationToken)
    {
        PeerSet named = await peers(cancellationToken);
        VipAnswer[] answers = await Task.WhenAll(
            named.Addresses.Where(other => other != own).Select(other => probe(other, cancellationToken)));
        return answers.Contains(VipAnswer.Good);
    }

    private void Say(VipStanding before, VipStanding next, VipLook look)
    {
        if (next.MayHold && !before.MayHold)
        {
            narrator.Say($"virtual address {address}: this machine may hold it");
        }
        else if (before.MayHold && !next.MayHold)
        {
            string how = look.Own == VipAnswer.Gone ? "nothing listens here" : "its own server is not ready";
            narrator.Say(
                $"virtual address {address}: this machine lets it go, for {how} and another machine's is good");
        }
        else
        {
            narrator.SayOnce(
                $"virtual address {address}",
                !next.IsAdmitted && look.Own == VipAnswer.Good
                    ?
                    [
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"virtual address {address}: this machine waits until DNS has named {own} to the others "
                                + $"for {VipRule.Known.TotalSeconds:F0} s"),
                    ]
                    : []);
        }
    }

    private TimeSpan Since(long? moment) => moment is { } begin ? time.GetElapsedTime(begin) : TimeSpan.Zero;

    /// <summary>In place: keepalived reads the file when its writer has closed it.</summary>
    private void Write(VipStanding standing) => File.WriteAllText(file, standing.MayHold ? MayHold : MayNotHold);
}
