namespace Images.Bootstrapper.Etcd;

/// <summary>What the running members say of this machine's member while its own etcd is stopped.</summary>
internal abstract record EtcdStanding
{
    /// <summary>
    /// Nobody answered, as after a power cut of all machines, or the member's id is not known here: etcd
    /// itself will find out.
    /// </summary>
    public sealed record Unknown : EtcdStanding;

    /// <summary>
    /// The cluster lists it no more. etcd would end at once, again and again, and say so only in its log.
    /// </summary>
    public sealed record Removed : EtcdStanding;

    /// <summary>A member at this machine's address.</summary>
    public sealed record Listed : EtcdStanding;

    /// <summary>A member, but at another address; <c>Through</c> is the peer that said so.</summary>
    public sealed record Elsewhere(string KnownAt, string Through) : EtcdStanding;
}
