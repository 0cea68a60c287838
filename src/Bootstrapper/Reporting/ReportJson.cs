using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Reporting;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(UnitWait))]
[JsonSerializable(typeof(WhyDocument))]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(IReadOnlyList<Finding>))]
internal sealed partial class ReportJson : JsonSerializerContext;
