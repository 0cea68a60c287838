using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>One machine: what a restart keeps, what it loses, and what a wipe loses.</summary>
internal sealed class SimulatedMachine(string address)
{
    public string Address { get; } = address;

    /// <summary>Counts starts; whatever was in flight for an older one is dropped.</summary>
    public int Incarnation { get; set; }

    public bool Up { get; set; }

    public required EtcdRecord Record { get; set; }

    public bool HasData { get; set; }

    public string? ClusterToken { get; set; }

    public bool EtcdRuns { get; set; }

    public PeerSet Sees { get; set; } = PeerSet.Empty;

    public double SeesSince { get; set; }

    public string? DoubtedDigest { get; set; }

    public Dictionary<string, VoidAnswer> VoidAnswers { get; } = new(StringComparer.Ordinal);

    public string LastWait { get; set; } = "";

    public override string ToString() =>
        $"{Address} up={Up} {Record.Phase} name={Record.Name} of=[{Record.Configuration}] data={HasData} runs={EtcdRuns} sees=[{Sees}] waits: {LastWait}";
}
