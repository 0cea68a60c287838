using Images.Formats.Disk;

namespace Images.Launcher.Roots;

/// <summary>
/// A root as it lies in a file: in the slot of a disk that a bake fills, or alone, as an upgrade writes it.
/// </summary>
internal sealed class RootFile : IDisposable
{
    /// <summary>The slot that a bake fills.</summary>
    public const string Slot = "root-a";

    private readonly IDisposable? _disk;

    private RootFile(Stream content, string name, IDisposable? disk)
    {
        Content = content;
        Name = name;
        _disk = disk;
    }

    /// <summary>File system, and the dm-verity tree behind it. Seekable.</summary>
    public Stream Content { get; }

    /// <summary>For errors.</summary>
    public string Name { get; }

    /// <param name="path">A raw disk, or a file that begins with a SquashFS.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="Formats.MalformedDataException">It is neither.</exception>
    public static RootFile Open(string path)
    {
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
        Span<byte> magic = stackalloc byte[4];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("hsqs"u8))
        {
            file.Position = 0;
            return new RootFile(file, path, disk: null);
        }

        file.Dispose();
        DiskImage disk = DiskImage.Open(path);
        try
        {
            return new RootFile(disk.OpenPartition(Slot), $"{path} ({Slot})", disk);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Content.Dispose();
        _disk?.Dispose();
    }
}
