using Images.Formats.Disk;

namespace Images.Baker.Outputs;

/// <summary>
/// A small file beside the image: written as <c>name.partial</c>; <see cref="OutputSet"/> gives it its name once the
/// image is whole. Closed without <see cref="HandOver"/> it leaves nothing.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _partialPath;
    private bool _handedOver;

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
        catch (Exception fault) when (OutputFaults.IsOne(fault))
        {
            file.Dispose();
            throw OutputFaults.Of(path, fault);
        }
    }

    /// <summary>The file is now the caller's to name.</summary>
    public OutputName HandOver()
    {
        _handedOver = true;
        return new OutputName(_partialPath, FullName);
    }

    public void Dispose()
    {
        if (!_handedOver)
        {
            File.Delete(_partialPath);
        }
    }
}
