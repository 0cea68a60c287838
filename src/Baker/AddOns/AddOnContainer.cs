using System.Text.Json.Nodes;
using Images.Baker.Plan;

namespace Images.Baker.AddOns;

/// <summary>A container image that an object of an add-on names.</summary>
/// <param name="Name">As it stands there.</param>
/// <param name="PullPolicy">What stands beside it; null where nothing does.</param>
internal sealed record AddOnContainer(string Name, string? PullPolicy)
{
    /// <summary>
    /// Every <c>image:</c> of the object, at any depth: text, or the reference of an image that is a volume. A custom
    /// resource has them anywhere.
    /// </summary>
    public static IEnumerable<AddOnContainer> In(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(pair => pair.Key == "image" && NameOf(pair.Value) is { } name
            ? [new AddOnContainer(name, PolicyIn(map, pair.Value))]
            : In(pair.Value)),
        JsonArray list => list.SelectMany(In),
        _ => [],
    };

    /// <summary>
    /// Whether a kubelet asks the registry even where it has the image; without a policy it does so for the tag latest.
    /// </summary>
    public bool IsAlwaysPulled(ContainerReference reference) =>
        PullPolicy == "Always" || (PullPolicy is null && reference is { Tag: "latest", Digest: null });

    private static string? NameOf(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonObject map => NameOf(map["reference"]),
        _ => null,
    };

    private static string? PolicyIn(JsonObject map, JsonNode? image) =>
        (image is JsonObject volume ? volume["pullPolicy"] : map["imagePullPolicy"]) is JsonValue value
            && value.TryGetValue(out string? text)
            ? text
            : null;
}
