using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

/// <summary>A machine's answer to "promise that you will never start this configuration".</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VoidAnswer>))]
internal enum VoidAnswer
{
    /// <summary>Promised, on disk.</summary>
    Voided,

    /// <summary>It has started it already.</summary>
    Started,

    /// <summary>It is not the machine that the configuration names (wiped, or renamed), so it cannot know what that one did.</summary>
    Unknown,
}
