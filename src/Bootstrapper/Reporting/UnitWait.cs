using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>What a unit's preparation waits for.</summary>
internal sealed record UnitWait
{
    public required string Unit { get; init; }

    public required string What { get; init; }

    public required string LastSeen { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>Null where it waits for nothing.</summary>
    public static UnitWait? Read(NodeRoot root, string unit)
    {
        string path = root[$"{NodePaths.Waits}/{unit}.json"];
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.UnitWait)
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null; // removed or being written just now
        }
    }
}
