namespace Images.Bootstrapper.Etcd;

/// <summary>A question at the rendezvous: without a configuration "who are you?", with one "void it".</summary>
internal sealed record RendezvousRequest
{
    public EtcdConfiguration? Void { get; init; }
}
