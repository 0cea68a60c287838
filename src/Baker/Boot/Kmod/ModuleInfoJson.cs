using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Images.Baker.Boot.Kmod;

[JsonSerializable(typeof(ImmutableArray<ModuleInfo>))]
internal sealed partial class ModuleInfoJson : JsonSerializerContext;
