using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Kubernetes.Approval;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CsrClaim))]
internal sealed partial class CsrClaimJson : JsonSerializerContext;
