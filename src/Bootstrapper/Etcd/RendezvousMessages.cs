// One closed family, read together: what machines say to each other at the rendezvous.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

/// <summary>A question at the rendezvous: without a configuration "who are you?", with one "void it".</summary>
internal sealed record RendezvousRequest
{
    public EtcdConfiguration? Void { get; init; }
}

/// <summary>
/// The answer: always who the machine is after the question, and its word when it was asked to void something.
/// </summary>
internal sealed record RendezvousReply
{
    public required PeerStatus Status { get; init; }

    public VoidAnswer? Word { get; init; }
}

/// <summary>What came of a question: a reply, or why there is none.</summary>
internal sealed record RendezvousAnswer
{
    public RendezvousReply? Reply { get; init; }

    public string? Failure { get; init; }

    public static RendezvousAnswer Failed(string failure) => new() { Failure = failure };
}

/// <summary>A machine's answer to "promise that you will never start this configuration".</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VoidAnswer>))]
internal enum VoidAnswer
{
    /// <summary>Promised, on disk.</summary>
    Voided,

    /// <summary>It has started it already.</summary>
    Started,

    /// <summary>
    /// It is not the machine that the configuration names (wiped, or renamed), so it cannot know what that one did.
    /// </summary>
    Unknown,
}
