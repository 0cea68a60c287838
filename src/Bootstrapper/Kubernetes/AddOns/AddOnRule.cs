namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>
/// Whether a master applies its set. While a cluster is upgraded its masters have different ones: the set of the image
/// that was made later stands. Images of one lock were made at the same time; of these the set that came later stands,
/// and none comes back.
/// </summary>
internal static class AddOnRule
{
    /// <summary>After which a set is applied again, to repair what was changed meanwhile.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromHours(1);

    public static AddOnDecision Judge(AddOnRecord? record, AddOnSet set, DateTimeOffset now) => record switch
    {
        null => set.Objects.Count + set.Faults.Count == 0 ? AddOnDecision.Stands : AddOnDecision.Apply,
        _ when record.Digest == set.Digest =>
            record.State == AddOnRecord.Applied && IsFresh(record, now) ? AddOnDecision.Stands : AddOnDecision.Apply,
        _ when record.Built > set.Built => AddOnDecision.LeaveToNewer,
        _ when record.Replaced.Contains(set.Digest, StringComparer.Ordinal) => AddOnDecision.LeaveToSuccessor,
        _ => AddOnDecision.Apply,
    };

    /// <summary>Written in the future, by a master whose clock was wrong, is not fresh.</summary>
    private static bool IsFresh(AddOnRecord record, DateTimeOffset now) =>
        record.Time <= now && now - record.Time < Again;
}
