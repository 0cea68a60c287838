using Images.Formats;
using Images.Formats.Disk;

namespace Images.Baker.Outputs;

/// <summary>
/// A file beside the image: written as <c>name.partial</c>; <see cref="OutputSet"/> gives it its name once the
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

    /// <exception cref="ContentException">The output cannot be written.</exception>
    public static OutputFile Write(string path, ReadOnlyMemory<byte> content) =>
        Write(path, stream => stream.Write(content.Span));

    /// <param name="write">Gets a stream that can be sought.</param>
    /// <inheritdoc cref="Write(string, ReadOnlyMemory{byte})"/>
    public static OutputFile Write(string path, Action<Stream> write)
    {
        OutputFile file = new(path);
        try
        {
            // not FileMode.Create: see DiskWriter
            using FileStream stream = new(
                file._partialPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
            if (stream.Length > 0)
            {
                stream.SetLength(0);
            }

            write(stream);
            return file;
        }
        catch (Exception fault) when (OutputFaults.IsOne(fault))
        {
            file.Dispose();
            throw OutputFaults.Of(path, fault);
        }
        catch
        {
            file.Dispose();
            throw;
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
