// A record and its JSON.
#pragma warning disable MA0048
using System.Text.Json.Serialization;
using Images.NodeConfig.Ssh;

namespace Images.Baker.Ssh;

/// <summary>What a machine said of itself when it was asked last.</summary>
internal sealed record KnownMachine
{
    /// <summary>As it was asked for, with the port of its sshd where that is not 22.</summary>
    public required string Host { get; init; }

    public required NodeRole Role { get; init; }

    public required string HostName { get; init; }

    /// <inheritdoc cref="HostKeyWord.Machine"/>
    public required string Machine { get; init; }

    public required IReadOnlyList<SshPublicKey> Keys { get; init; }

    /// <summary>As known_hosts has them (sshd(8)).</summary>
    [JsonIgnore]
    public IEnumerable<string> Lines => Keys.Select(key => $"{SshPlace.Parse(Host).KnownName} {key}");

    /// <summary>What to make of the machine, by what it said before; null where it was never asked.</summary>
    public KnownMachineNews NewsSince(KnownMachine? before) =>
        before is null ? KnownMachineNews.First
        : before.Machine != Machine ? KnownMachineNews.Another
        : HasKeysOf(before) ? KnownMachineNews.Same
        : KnownMachineNews.Changed;

    /// <summary>An image may bring a type of key or drop one; one that is in both is the same.</summary>
    private bool HasKeysOf(KnownMachine before)
    {
        SshPublicKey[] both = [.. before.Keys.Where(old => Keys.Any(key => key.Type == old.Type))];
        return both.Length > 0 && both.All(Keys.Contains);
    }
}

/// <summary>What has become of a machine since it was asked last.</summary>
internal enum KnownMachineNews
{
    /// <summary>It was never asked.</summary>
    First,

    Same,

    /// <summary>Another disk, and with it other keys.</summary>
    Another,

    /// <summary>The same machine has another key. Nothing of ours does that.</summary>
    Changed,
}

internal sealed record KnownMachineList
{
    /// <summary>Ordered by host.</summary>
    public required IReadOnlyList<KnownMachine> Machines { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", MaxDepth = 8,
    RespectNullableAnnotations = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(KnownMachineList))]
internal sealed partial class KnownMachineJson : JsonSerializerContext;
