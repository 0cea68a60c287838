using System.Text.Json.Serialization;

namespace Images.Bootstrapper.Etcd;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EtcdRecord))]
[JsonSerializable(typeof(RendezvousRequest))]
[JsonSerializable(typeof(RendezvousReply))]
internal sealed partial class EtcdJson : JsonSerializerContext;
