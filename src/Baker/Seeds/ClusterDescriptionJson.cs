using System.Text.Json.Serialization;

namespace Images.Baker.Seeds;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NewLine = "\n")]
[JsonSerializable(typeof(ClusterDescription))]
internal sealed partial class ClusterDescriptionJson : JsonSerializerContext;
