using Images.Baker.Kubeconfigs;

namespace Images.Baker.Clusters;

/// <summary>How kubectl on this machine reaches a cluster: through the supervisor's port.</summary>
internal static class ClusterKubeconfig
{
    private const string Validity = "30d";

    public static bool CanBeWritten(ClusterPlan plan, ClusterView view) =>
        view.ApiPort != 0 && Directory.Exists(Path.Combine(plan.Seeds, "secrets"));

    /// <exception cref="BakeException">There is no master, no authority, or the file cannot be written.</exception>
    public static void Write(ClusterPlan plan, ClusterView view, string file, TimeProvider clock)
    {
        if (!CanBeWritten(plan, view))
        {
            throw new BakeException(
                "BAKE0958",
                plan.Name,
                "has no master, or its seeds no secrets: there is nothing to administrate.",
                "Add a master with 'baker cluster add master'.");
        }

        KubeconfigOrder order = new()
        {
            Cluster = plan.Name,
            SeedFolder = plan.Seeds,
            Server = $"https://127.0.0.1:{view.ApiPort}",
            OutputFile = file,
            Validity = Validity,
            Force = true,
        };
        KubeconfigWriter.Write(order, clock);
    }
}
