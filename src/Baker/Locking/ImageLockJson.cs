using System.Text.Json.Serialization;

namespace Images.Baker.Locking;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    Converters = [typeof(DigestJsonConverter)])]
[JsonSerializable(typeof(ImageLock))]
internal sealed partial class ImageLockJson : JsonSerializerContext;
