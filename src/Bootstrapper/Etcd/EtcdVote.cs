using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Whether this machine's member has a vote. One that has just joined has none until it has caught up, and refuses most
/// of what clients ask, though its /health is good.
/// </summary>
internal sealed class EtcdVote(string address, EtcdAccess access)
{
    public const string Learner = "it is a learner, which has no vote until it has caught up";

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// An etcd that has said that it is ready answers; one that does not keeps nobody waiting for long.
    /// </summary>
    private static readonly TimeSpan _patienceWithSilence = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the member has a vote, as long as its process runs.</summary>
    /// <param name="isRunning">Whether it does.</param>
    /// <param name="waiting">Told why that is not yet so.</param>
    public async Task WaitAsync(
        Func<bool> isRunning, Action<string> waiting, TimeProvider time, CancellationToken cancellationToken)
    {
        long heardOf = time.GetTimestamp();
        while (isRunning() && await FaultAsync(cancellationToken) is string fault)
        {
            waiting(fault);
            heardOf = fault == Learner ? time.GetTimestamp() : heardOf;
            if (time.GetElapsedTime(heardOf) > _patienceWithSilence)
            {
                return;
            }

            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    /// <summary>Null for a voter, else why it is none, in words.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway own = access.Connect(address);
            EtcdMemberStatus status = await own.StatusAsync(cancellationToken);
            return status.IsLearner ? Learner : null;
        }
        catch (Exception e) when (e is EtcdGatewayException or IOException)
        {
            return $"whether it has a vote is not known: {FaultText.Of(e)}";
        }
    }
}
