using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>The status document in the runtime folder; readers see the old or the new one whole.</summary>
internal static class StatusFile
{
    public static void Write(NodeRoot root, StatusDocument document)
    {
        Directory.CreateDirectory(root[NodePaths.RunFolder]);
        string path = root[NodePaths.Status];
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(document, ReportJson.Default.StatusDocument));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Null before <c>boot</c> has begun.</summary>
    public static StatusDocument? Read(NodeRoot root) => File.Exists(root[NodePaths.Status])
        ? JsonSerializer.Deserialize(File.ReadAllBytes(root[NodePaths.Status]), ReportJson.Default.StatusDocument)
        : null;
}
