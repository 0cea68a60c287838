using Images.Formats.Gpt;
using Microsoft.Win32.SafeHandles;

namespace Images.Formats.Disk;

/// <summary>
/// Writes a raw disk as <c>name.partial</c>, partition by partition and each straight into its place; the caller gives
/// it its name. What is not written stays a hole. Closed without <see cref="Seal"/> it leaves nothing.
/// </summary>
internal sealed class DiskWriter : IDisposable
{
    private readonly string _path;
    private readonly string _partialPath;
    private readonly GptLayout _layout;
    private readonly SafeFileHandle _file;
    private bool _sealed;

    private DiskWriter(string path, string partialPath, GptLayout layout, SafeFileHandle file)
    {
        _path = path;
        _partialPath = partialPath;
        _layout = layout;
        _file = file;
    }

    /// <exception cref="ContentException">The output cannot be written.</exception>
    public static DiskWriter Create(string path, GptLayout layout)
    {
        string partialPath = path + ".partial";
        DiskWriter? writer = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            // not FileMode.Create: ext4 writes a file that was once cut to nothing out to disk as soon as it is closed
            writer = new DiskWriter(
                path,
                partialPath,
                layout,
                File.OpenHandle(partialPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            if (RandomAccess.GetLength(writer._file) > 0)
            {
                RandomAccess.SetLength(writer._file, 0);
            }

            RandomAccess.SetLength(writer._file, layout.SizeBytes);
            return writer;
        }
        catch (Exception fault) when (OutputFaults.IsOne(fault))
        {
            writer?.Dispose();
            throw OutputFaults.Of(path, fault);
        }
    }

    /// <summary>
    /// Writes one partition's content. The stream is the partition: position 0 is its first byte, it can be read back
    /// and sought, and it refuses to grow beyond the partition.
    /// </summary>
    /// <returns>What the content writer returned, such as the verity tree's root hash.</returns>
    /// <exception cref="ContentException">
    /// The content is too big for the partition, or the output cannot be written.
    /// </exception>
    public TResult Write<TResult>(string partition, Func<PartitionStream, TResult> writeContent)
    {
        using PartitionStream stream = PartitionStream.ForWriting(_file, _path, _layout[partition]);
        return writeContent(stream);
    }

    /// <inheritdoc cref="Write{TResult}"/>
    public void Write(string partition, Action<PartitionStream> writeContent)
    {
        using PartitionStream stream = PartitionStream.ForWriting(_file, _path, _layout[partition]);
        writeContent(stream);
    }

    /// <summary>Reads back what was written to one partition.</summary>
    public TResult Read<TResult>(string partition, Func<PartitionStream, TResult> readContent)
    {
        using PartitionStream stream = PartitionStream.ForReading(_file, _path, _layout[partition]);
        return readContent(stream);
    }

    /// <summary>Writes both GPT copies and closes the disk, which is then the caller's to name.</summary>
    /// <param name="diskGuid">Derived from the partitions' contents, see <see cref="ContentGuid"/>.</param>
    /// <exception cref="ContentException">The output cannot be written.</exception>
    /// <returns>The file under its partial name.</returns>
    public string Seal(Guid diskGuid)
    {
        using (PartitionStream disk = PartitionStream.ForWriting(_file, _path, WholeDisk()))
        {
            GptWriter.Write(_layout, diskGuid, disk);
        }

        _file.Dispose();
        _sealed = true;
        return _partialPath;
    }

    public void Dispose()
    {
        _file.Dispose();
        if (!_sealed)
        {
            File.Delete(_partialPath);
        }
    }

    private GptPartition WholeDisk() => new()
    {
        Name = "the disk",
        TypeGuid = Guid.Empty,
        PartitionGuid = Guid.Empty,
        OffsetBytes = 0,
        SizeBytes = _layout.SizeBytes,
    };
}
