using System.Buffers;
using System.Security.Cryptography;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// An unpacked artefact: its pruned tree, with contents already cut and compressed as SquashFS wants them. Holds its
/// file open; dispose it after the last content was read.
/// </summary>
internal sealed class Layer : IDisposable
{
    /// <summary>Small enough to stay in a core's cache between the kernel's copy and the sum.</summary>
    private const int ReadBufferSize = 1 << 18;

    private readonly FileStream _stream;

    private Layer(FileStream stream, string name, OrderedDictionary<TreePath, TreeNode> entries, long blocksLength)
    {
        _stream = stream;
        Name = name;
        Entries = entries;
        BlocksLength = blocksLength;
    }

    /// <summary>The artefact, for messages.</summary>
    public string Name { get; }

    /// <summary>
    /// In path order. Regular files have a <see cref="LayerContent"/>; the target of each hard link is here too.
    /// </summary>
    public IReadOnlyDictionary<TreePath, TreeNode> Entries { get; }

    /// <summary>Compressed bytes.</summary>
    public long BlocksLength { get; }

    /// <summary>Opens a layer file and compares every byte of it with the digests it carries.</summary>
    /// <exception cref="MalformedDataException">A byte is not as written.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Layer Open(string path, string name)
    {
        FileStream stream = new(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            LayerIndex index = ReadIndex(stream, path);
            VerifyBlocks(stream, index, path);
            SquashFsBlockSource source = new(
                stream, origin: 0, index.BlocksLength, name, SquashFsConstants.BlockSize, index.Fragments);
            return new Layer(stream, name, ReadEntries(index, source), index.BlocksLength);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static LayerIndex ReadIndex(FileStream stream, string path)
    {
        if (stream.Length < LayerTrailer.Size)
        {
            throw new MalformedDataException(path, 0, "the layer is shorter than its trailer");
        }

        long trailerOffset = stream.Length - LayerTrailer.Size;
        byte[] trailerBytes = new byte[LayerTrailer.Size];
        stream.Position = trailerOffset;
        stream.ReadExactly(trailerBytes);
        LayerTrailer trailer = LayerTrailer.Read(trailerBytes, path, trailerOffset);
        if (trailer.IndexLength < 0 || trailer.IndexLength > Math.Min(trailerOffset, Array.MaxLength))
        {
            throw new MalformedDataException(
                path, trailerOffset, $"the layer's index cannot have {trailer.IndexLength} bytes");
        }

        byte[] index = new byte[trailer.IndexLength];
        stream.Position = trailerOffset - index.Length;
        stream.ReadExactly(index);
        if (!SHA256.HashData(index).AsSpan().SequenceEqual(trailer.IndexSha256.Span))
        {
            throw new MalformedDataException(
                path, trailerOffset - index.Length, "the layer's index does not have its digest");
        }

        LayerIndex decoded = LayerIndexReader.Decode(index, path);
        return decoded.BlocksLength == trailerOffset - index.Length
            ? decoded
            : throw new MalformedDataException(
                path, 0, "the layer's blocks do not have the length that its index says");
    }

    private static void VerifyBlocks(FileStream stream, LayerIndex index, string path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadBufferSize);
        LayerChecksum checksum = default;
        stream.Position = 0;
        for (long left = index.BlocksLength; left > 0;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(left, ReadBufferSize));
            stream.ReadExactly(part);
            checksum.Append(part);
            left -= part.Length;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        if (checksum != index.BlocksChecksum)
        {
            throw new MalformedDataException(path, 0, "the layer's blocks do not have their checksum");
        }
    }

    private static OrderedDictionary<TreePath, TreeNode> ReadEntries(LayerIndex index, SquashFsBlockSource source)
    {
        OrderedDictionary<TreePath, TreeNode> entries = new(index.Entries.Count);
        foreach (LayerIndexEntry entry in index.Entries)
        {
            entries.Add(entry.Path, entry.Stored is null ? entry.Attributes : ToFile(entry, source));
        }

        return entries;
    }

    private static FileNode ToFile(LayerIndexEntry entry, SquashFsBlockSource source) => new()
    {
        Mode = entry.Attributes.Mode,
        Uid = entry.Attributes.Uid,
        Gid = entry.Attributes.Gid,
        ModifiedUnixSeconds = entry.Attributes.ModifiedUnixSeconds,
        Content = new LayerContent(source, entry.Stored!, entry.Digest!),
    };
}
