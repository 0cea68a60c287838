using System.Text.Json.Serialization;

namespace Images.Baker.Seeds;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ClusterDescription))]
internal sealed partial class ClusterDescriptionJson : JsonSerializerContext;
