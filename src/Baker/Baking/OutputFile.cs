using Images.Baker.Disk;

namespace Images.Baker.Baking;

/// <summary>
/// A small file beside the image: written as <c>name.partial</c> and given its name once the image is whole. Closed
/// without <see cref="Complete"/> it leaves nothing.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _partialPath;
    private bool _completed;

    private OutputFile(string path)
    {
        FullName = path;
        _partialPath = path + ".partial";
    }

    public string FullName { get; }

    /// <exception cref="BakeException">The output cannot be written.</exception>
    public static OutputFile Write(string path, ReadOnlyMemory<byte> content)
    {
        OutputFile file = new(path);
        try
        {
            File.WriteAllBytes(file._partialPath, content.Span);
            return file;
        }
        catch (Exception fault) when (DiskFile.IsOutputFault(fault))
        {
            file.Dispose();
            throw DiskFile.OutputFault(path, fault);
        }
    }

    /// <summary>Gives the file its name, replacing an older one.</summary>
    /// <exception cref="BakeException">The output cannot be written.</exception>
    public void Complete()
    {
        try
        {
            File.Move(_partialPath, FullName, overwrite: true);
            _completed = true;
        }
        catch (Exception fault) when (DiskFile.IsOutputFault(fault))
        {
            throw DiskFile.OutputFault(FullName, fault);
        }
    }

    public void Dispose()
    {
        if (!_completed)
        {
            File.Delete(_partialPath);
        }
    }
}
