using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Reporting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(UnitWait))]
internal sealed partial class UnitWaitJson : JsonSerializerContext;
