using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

/// <summary>How far a machine has come on its way to being a member.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EtcdPhase>))]
internal enum EtcdPhase
{
    /// <summary>No vote, no data.</summary>
    Blank,

    /// <summary>Promised to one configuration; the promise outlives restarts.</summary>
    Voted,

    /// <summary>The configuration is decided: etcd may start (or has started) as a member of a new cluster.</summary>
    Started,

    /// <summary>Added to an existing cluster.</summary>
    Joined,
}
