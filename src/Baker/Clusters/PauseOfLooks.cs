namespace Images.Baker.Clusters;

/// <summary>
/// How long to wait between two looks at a cluster. Where a look takes long the machine is slow or starved, and looking
/// on would take from the nodes what they need to start: no more than a sixth of the time is spent on it.
/// </summary>
internal static class PauseOfLooks
{
    private const int Share = 5;

    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(10);

    /// <param name="least">On a machine that answers at once.</param>
    /// <param name="took">The look before.</param>
    public static TimeSpan After(TimeSpan least, TimeSpan took)
    {
        TimeSpan wanted = took * Share < _longest ? took * Share : _longest;
        return wanted > least ? wanted : least;
    }
}
