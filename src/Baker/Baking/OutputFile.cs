using Images.Baker.Disk;

namespace Images.Baker.Baking;

/// <summary>A small file beside the image, whole or not there.</summary>
internal static class OutputFile
{
    /// <returns>The path.</returns>
    /// <exception cref="BakeException">The output cannot be written.</exception>
    public static string Write(string path, ReadOnlyMemory<byte> content)
    {
        string partial = path + ".partial";
        try
        {
            File.WriteAllBytes(partial, content.Span);
            File.Move(partial, path, overwrite: true);
            return path;
        }
        catch (Exception fault) when (DiskFile.IsOutputFault(fault))
        {
            File.Delete(partial);
            throw DiskFile.OutputFault(path, fault);
        }
    }
}
