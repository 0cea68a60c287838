namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Whether this machine's member has a vote. One that has just joined has none until it has caught up, and refuses most
/// of what clients ask, though its /health is good.
/// </summary>
internal sealed class EtcdVote(string address, EtcdAccess access)
{
    /// <summary>Null for a voter, else why it is none, in words.</summary>
    public async Task<string?> FaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway own = access.Connect(address);
            EtcdMemberStatus status = await own.StatusAsync(cancellationToken);
            return status.IsLearner ? "it is a learner, which has no vote until it has caught up" : null;
        }
        catch (Exception e) when (e is EtcdGatewayException or IOException)
        {
            return $"whether it has a vote is not known: {e.Message}";
        }
    }
}
