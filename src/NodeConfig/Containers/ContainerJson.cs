using System.Text.Json.Serialization;

namespace Images.NodeConfig.Containers;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(CarriedContainer))]
internal sealed partial class ContainerJson : JsonSerializerContext;
