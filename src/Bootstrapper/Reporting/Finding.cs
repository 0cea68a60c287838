// A finding and how much it weighs.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Reporting;

/// <summary>What was seen of one thing that a machine was inspected for, before it joined its cluster.</summary>
/// <param name="Subject">For people, for example "memory".</param>
/// <param name="Detail">What was seen, in words.</param>
internal sealed record Finding(string Subject, FindingWeight Weight, string Detail)
{
    /// <summary>Whether people should read of it.</summary>
    [JsonIgnore]
    public bool IsNews => Weight is FindingWeight.Notice or FindingWeight.Fault;

    public override string ToString() => $"{Subject}: {Detail}";
}

[JsonConverter(typeof(JsonStringEnumConverter<FindingWeight>))]
internal enum FindingWeight
{
    /// <summary>It is as it should be.</summary>
    Good,

    /// <summary>It could not be looked at.</summary>
    Unknown,

    /// <summary>Worth knowing, and no reason to stay out of a cluster.</summary>
    Notice,

    /// <summary>A machine with <c>node.strict</c> does not join with it.</summary>
    Fault,
}
