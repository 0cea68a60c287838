using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// What the machine found of itself on this boot, in the runtime folder. It stands beside the status, which is the
/// agent's by the time the inspection ends.
/// </summary>
internal static class InspectionFile
{
    public static void Write(NodeRoot root, IReadOnlyList<Finding> findings)
    {
        string path = root[NodePaths.Inspection];
        Directory.CreateDirectory(root[NodePaths.RunFolder]);
        File.WriteAllBytes(
            path + ".new", JsonSerializer.SerializeToUtf8Bytes(findings, ReportJson.Default.IReadOnlyListFinding));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>None where the machine has not been looked at yet, or the file is of nobody's form.</summary>
    public static IReadOnlyList<Finding> Read(NodeRoot root)
    {
        try
        {
            string path = root[NodePaths.Inspection];
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.IReadOnlyListFinding) ?? []
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }
}
