namespace Images.Baker.Clusters;

/// <summary>One line of <c>baker cluster list</c>.</summary>
internal sealed record ClusterSummary
{
    public required string Name { get; init; }

    /// <summary>ready, not ready, down or damaged.</summary>
    public required string State { get; init; }

    public required int Nodes { get; init; }

    public required string Image { get; init; }

    public required string Folder { get; init; }

    public static async Task<ClusterSummary> OfAsync(ClusterPlace place, CancellationToken cancellationToken)
    {
        try
        {
            ClusterPlan plan = place.ReadPlan();
            ClusterView view = await ClusterView.OfAsync(place, cancellationToken).ConfigureAwait(false);
            string state = view.Supervisor == 0 ? "down" : view.IsReady ? "ready" : "not ready";
            return Of(place, state, plan.Nodes.Count, plan.Image);
        }
        catch (BakeException)
        {
            return Of(place, "damaged", nodes: 0, image: "");
        }
    }

    private static ClusterSummary Of(ClusterPlace place, string state, int nodes, string image) => new()
    {
        Name = place.Name,
        State = state,
        Nodes = nodes,
        Image = image,
        Folder = place.Folder,
    };
}
