using System.Text.Json;
using Images.NodeConfig;

namespace Images.Bootstrapper.Reporting;

/// <summary>The status document in the runtime folder; readers see the old or the new one whole.</summary>
internal static class StatusFile
{
    public static void Write(NodeRoot root, StatusDocument document)
    {
        string path = root[NodePaths.Status];
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(document, ReportJson.Default.StatusDocument);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            return;
        }

        Directory.CreateDirectory(root[NodePaths.RunFolder]);
        File.WriteAllBytes(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Says why the boot does not go on; the next phase takes that away.</summary>
    public static void Fail(NodeRoot root, string failure)
    {
        if (Read(root) is { } status)
        {
            Write(root, status with { Failure = failure });
        }
    }

    /// <summary>Null before <c>boot</c> has begun.</summary>
    public static StatusDocument? Read(NodeRoot root) => File.Exists(root[NodePaths.Status])
        ? JsonSerializer.Deserialize(File.ReadAllBytes(root[NodePaths.Status]), ReportJson.Default.StatusDocument)
        : null;
}
