using Images.Formats.Gpt;
using Microsoft.Win32.SafeHandles;

namespace Images.Formats.Disk;

/// <summary>A raw disk image opened for reading: its partitions by name, each as a stream.</summary>
internal sealed class DiskImage : IDisposable
{
    private readonly SafeFileHandle _file;

    private DiskImage(string path, SafeFileHandle file, GptTable table)
    {
        FilePath = path;
        _file = file;
        DiskGuid = table.DiskGuid;
        Partitions = [.. table.Entries.Select(ToPartition)];
    }

    public string FilePath { get; }

    public long SizeBytes => RandomAccess.GetLength(_file);

    public Guid DiskGuid { get; }

    /// <summary>In the order of the partition table.</summary>
    public IReadOnlyList<GptPartition> Partitions { get; }

    /// <exception cref="ContentException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="MalformedDataException">Protective MBR or one of the two GPT copies is damaged.</exception>
    public static DiskImage Open(string path)
    {
        SafeFileHandle file = OpenFile(path);
        try
        {
            using PartitionStream disk = PartitionStream.ForReading(file, path, WholeDisk(file));
            return new DiskImage(path, file, GptReader.Read(disk, path));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public bool Has(string partition) => Partitions.Any(candidate => candidate.Name == partition);

    /// <exception cref="MalformedDataException">The disk has no such partition.</exception>
    public PartitionStream OpenPartition(string partition) => PartitionStream.ForReading(
        _file,
        FilePath,
        Partitions.FirstOrDefault(candidate => candidate.Name == partition)
            ?? throw new MalformedDataException(FilePath, 1024, $"the GPT has no partition named {partition}."));

    /// <summary>Everything, the partition tables too.</summary>
    public PartitionStream OpenWhole() => PartitionStream.ForReading(_file, FilePath, WholeDisk(_file));

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ContentException(
                "BAKE0534",
                path,
                $"the image cannot be read: {fault.Message}",
                "Name a raw disk image that baker made.",
                fault);
        }
    }

    private static GptPartition WholeDisk(SafeFileHandle file) => new()
    {
        Name = "the disk",
        TypeGuid = Guid.Empty,
        PartitionGuid = Guid.Empty,
        OffsetBytes = 0,
        SizeBytes = RandomAccess.GetLength(file),
    };

    private static GptPartition ToPartition(GptEntry entry) => new()
    {
        Name = entry.Name,
        TypeGuid = entry.TypeGuid,
        PartitionGuid = entry.PartitionGuid,
        OffsetBytes = (long)entry.FirstLba * GptLayout.LogicalBlockSize,
        SizeBytes = (long)(entry.LastLba - entry.FirstLba + 1) * GptLayout.LogicalBlockSize,
    };
}
