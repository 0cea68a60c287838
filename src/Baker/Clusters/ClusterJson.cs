using System.Text.Json.Serialization;

namespace Images.Baker.Clusters;

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterPlan))]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(IReadOnlyList<ClusterSummary>))]
internal sealed partial class ClusterJson : JsonSerializerContext;
