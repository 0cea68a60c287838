using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>What masters have applied: the ConfigMap kube-system/images-addons.</summary>
internal sealed record AddOnRecord
{
    public const string Namespace = "kube-system";
    public const string Name = "images-addons";

    /// <summary>Everything stands. Otherwise a master is at work, broke off, or some objects were refused.</summary>
    public const string Applied = "applied";
    public const string Applying = "applying";
    public const string Incomplete = "incomplete";

    private const int ReplacedThatAreKept = 20;

    public required string State { get; init; }

    /// <summary>Of the set.</summary>
    public required string Digest { get; init; }

    /// <summary>Of the image that it came with.</summary>
    public required string Version { get; init; }

    public required DateTimeOffset Built { get; init; }

    /// <summary>The master that wrote this.</summary>
    public required string Master { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Every object that this set or an older one may have left in the cluster.</summary>
    public required ImmutableArray<AddOnName> Objects { get; init; }

    /// <summary>Digests of sets that another has replaced, oldest first.</summary>
    public required ImmutableArray<string> Replaced { get; init; }

    /// <summary>Empty for one that is not in the API yet.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Before anything is applied: what may be there from now on stands in it, whatever happens.</summary>
    public static AddOnRecord Begin(AddOnSet set, AddOnRecord? before, string master, DateTimeOffset now) => new()
    {
        State = Applying,
        Digest = set.Digest,
        Version = set.Version,
        Built = set.Built,
        Master = master,
        Time = now,
        Objects = [.. set.Objects.Select(AddOnName.Of).Concat(before?.Objects ?? []).Distinct()],
        Replaced = before is null || before.Digest == set.Digest
            ? before?.Replaced ?? []
            : [.. before.Replaced.Append(before.Digest)
                .Where(digest => digest != set.Digest)
                .Distinct(StringComparer.Ordinal)
                .TakeLast(ReplacedThatAreKept)],
        ResourceVersion = before?.ResourceVersion ?? "",
    };

    /// <exception cref="InvalidDataException">Somebody else has written it.</exception>
    public static async Task<AddOnRecord?> FindAsync(KubernetesClient client, CancellationToken cancellationToken) =>
        await client.FindAsync(KubernetesResource.ConfigMaps.One(Name, Namespace), cancellationToken) is { } map
            ? Read(map)
            : null;

    /// <summary>As the API has it afterwards.</summary>
    /// <exception cref="KubernetesApiException">
    /// Someone else has changed it meanwhile, or it cannot be written.
    /// </exception>
    public async Task<AddOnRecord> WriteAsync(KubernetesClient client, CancellationToken cancellationToken) =>
        Read(ResourceVersion.Length == 0
            ? await client.CreateAsync(KubernetesResource.ConfigMaps.In(Namespace), ToConfigMap(), cancellationToken)
            : await client.ReplaceAsync(
                KubernetesResource.ConfigMaps.One(Name, Namespace), ToConfigMap(), cancellationToken));

    private static AddOnRecord Read(KubernetesObject map) => new()
    {
        State = map.Text("data", "state"),
        Digest = map.Text("data", "digest"),
        Version = map.Text("data", "version"),
        Built = map.Moment("data", "built") ?? throw Foreign("built"),
        Master = map.Text("data", "master"),
        Time = map.Moment("data", "time") ?? throw Foreign("time"),
        Objects =
            [.. Lines(map, "objects").Select(line => AddOnName.TryParse(line) ?? throw Foreign($"objects ('{line}')"))],
        Replaced = [.. Lines(map, "replaced")],
        ResourceVersion = map.ResourceVersion,
    };

    private static string[] Lines(KubernetesObject map, string key) =>
        map.Text("data", key).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static InvalidDataException Foreign(string what) =>
        new(
            $"the ConfigMap {Namespace}/{Name} is not as masters write it: {what}. "
                + "Delete it; then all add-ons are applied again");

    private JsonObject ToConfigMap()
    {
        JsonObject metadata = new() { ["name"] = Name, ["namespace"] = Namespace };
        if (ResourceVersion.Length > 0)
        {
            metadata["resourceVersion"] = ResourceVersion;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = metadata,
            ["data"] = new JsonObject
            {
                ["state"] = State,
                ["digest"] = Digest,
                ["version"] = Version,
                ["built"] = Text(Built),
                ["master"] = Master,
                ["time"] = Text(Time),
                ["objects"] = string.Concat(Objects.Select(item => $"{item}\n")),
                ["replaced"] = string.Concat(Replaced.Select(digest => $"{digest}\n")),
            },
        };
    }

    private static string Text(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
