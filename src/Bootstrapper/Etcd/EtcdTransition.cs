namespace Images.Bootstrapper.Etcd;

/// <summary>What a decision writes into the record.</summary>
internal static class EtcdTransition
{
    /// <summary>The record after the decision; the same one where the decision writes nothing by itself.</summary>
    public static EtcdRecord Apply(EtcdRecord record, EtcdDecision decision, Func<string> newName) => decision switch
    {
        EtcdDecision.Vote vote => record.VoteFor(vote.Configuration),
        EtcdDecision.DropVote => record.Rename(newName()),
        EtcdDecision.StartNew when record.Phase == EtcdPhase.Voted => record.StartVoted(),
        EtcdDecision.Forget => EtcdRecord.Blank(newName()),
        _ => record,
    };
}
