namespace Images.Bootstrapper.Agent;

/// <summary>Runs the duties of this node beside each other.</summary>
internal static class Supervisor
{
    /// <summary>None of them ends by itself: whatever does has failed, and all end with it.</summary>
    public static async Task RunAsync(IReadOnlyList<Duty> duties, CancellationToken cancellationToken) =>
        await await Task.WhenAny(
            duties.Where(duty => duty.IsForThisNode).Select(duty => duty.RunAsync(cancellationToken)));
}
