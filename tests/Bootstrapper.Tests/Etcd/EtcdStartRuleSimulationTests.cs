namespace Images.Bootstrapper.Tests.Etcd;

public sealed class EtcdStartRuleSimulationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Never_two_clusters_and_one_healthy_cluster_in_the_end(int batch)
    {
        for (int seed = batch * 500; seed < (batch + 1) * 500; seed++)
        {
            Simulation simulation = new(seed);
            string? fault = simulation.Run();
            fault.ShouldBeNull($"seed {seed}\n{simulation.Story}");
        }
    }
}
