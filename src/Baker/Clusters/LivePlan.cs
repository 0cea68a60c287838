namespace Images.Baker.Clusters;

/// <summary>The plan of a running cluster, which may change while it runs; its file holds what is current.</summary>
internal sealed class LivePlan(ClusterPlace place)
{
    private readonly Lock _lock = new();
    private volatile ClusterPlan _current = place.ReadPlan();

    public ClusterPlan Current => _current;

    /// <summary>Changes it, in the file first.</summary>
    public ClusterPlan Change(Func<ClusterPlan, ClusterPlan> change)
    {
        lock (_lock)
        {
            ClusterPlan changed = change(_current);
            place.WritePlan(changed);
            _current = changed;
            return changed;
        }
    }
}
