using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>What etcd itself would know: who votes, who learns.</summary>
internal sealed class SimulatedCluster(EtcdConfiguration configuration)
{
    public string Token { get; } = configuration.Token;

    public Dictionary<string, string> Voters { get; } =
        configuration.Members.ToDictionary(member => member.Address, member => member.Name, StringComparer.Ordinal);

    public Dictionary<string, string> Learners { get; } = new(StringComparer.Ordinal);

    public int Quorum => (Voters.Count / 2) + 1;
}
