using System.Text.Json.Serialization;

namespace Images.Baker.Locking;

/// <summary>Every source of Kubernetes that image.yaml describes, pinned.</summary>
internal sealed record LockedKubernetes
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedUpstream? Upstream { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedSourceBuild? Debian { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedProgramFolder? Folder { get; init; }
}
