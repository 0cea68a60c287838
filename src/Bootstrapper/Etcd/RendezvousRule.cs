namespace Images.Bootstrapper.Etcd;

/// <summary>
/// How a machine answers at the rendezvous: pure; whoever calls it writes the record down before it sends the word.
/// </summary>
internal static class RendezvousRule
{
    public static (VoidAnswer Word, EtcdRecord Record) AnswerVoid(
        EtcdRecord record, EtcdConfiguration configuration, string newName)
    {
        if (configuration.Members.Any(member => record.FormerNames.Contains(member.Name, StringComparer.Ordinal)))
        {
            return (VoidAnswer.Voided, record);
        }

        if (!configuration.Members.Any(member => member.Name == record.Name))
        {
            return (VoidAnswer.Unknown, record);
        }

        bool same = record.Configuration?.Digest == configuration.Digest;
        return record.Phase switch
        {
            EtcdPhase.Started when same => (VoidAnswer.Started, record),
            EtcdPhase.Blank => (VoidAnswer.Voided, record.Rename(newName)),
            EtcdPhase.Voted when same => (VoidAnswer.Voided, record.Rename(newName)),
            // bound to something else under this name, and it leaves that only with the name
            _ => (VoidAnswer.Voided, record),
        };
    }
}
