using System.Buffers.Binary;
using System.Text;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// Decodes a <see cref="LayerIndex"/> whose digest has been compared, so only our own mistakes are left to find.
/// </summary>
internal ref struct LayerIndexReader
{
    private const int SmallestEntry = 23;
    private const int FragmentSize = 12;

    private readonly string _file;
    private ReadOnlySpan<byte> _rest;

    private LayerIndexReader(ReadOnlySpan<byte> index, string file)
    {
        _rest = index;
        _file = file;
    }

    /// <exception cref="MalformedDataException">The index ends early, or holds an unknown kind.</exception>
    public static LayerIndex Decode(ReadOnlySpan<byte> index, string file)
    {
        LayerIndexReader reader = new(index, file);
        long blocksLength = reader.ReadInt64();
        LayerChecksum checksum = LayerChecksum.Read(reader.Take(LayerChecksum.Size));
        SquashFsFragment[] fragments = new SquashFsFragment[reader.ReadCount(FragmentSize)];
        for (int i = 0; i < fragments.Length; i++)
        {
            fragments[i] = new SquashFsFragment(reader.ReadInt64(), unchecked((uint)reader.ReadInt32()));
        }

        LayerIndexEntry[] entries = new LayerIndexEntry[reader.ReadCount(SmallestEntry)];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = reader.ReadEntry();
        }

        return new LayerIndex
        {
            BlocksLength = blocksLength,
            BlocksChecksum = checksum,
            Fragments = fragments,
            Entries = entries,
        };
    }

    private LayerIndexEntry ReadEntry()
    {
        LayerIndexKind kind = (LayerIndexKind)Take(1)[0];
        TreePath path = ReadPath();
        DirectoryNode owner = new()
        {
            Mode = ReadInt32(),
            Uid = ReadInt32(),
            Gid = ReadInt32(),
            ModifiedUnixSeconds = ReadInt64(),
        };
        if (kind == LayerIndexKind.File)
        {
            (StoredFile stored, Digest digest) = ReadFile();
            return new LayerIndexEntry { Path = path, Attributes = owner, Stored = stored, Digest = digest };
        }

        return new LayerIndexEntry { Path = path, Attributes = ReadNode(kind, owner) };
    }

    private TreeNode ReadNode(LayerIndexKind kind, DirectoryNode owner)
    {
        TreeNode node = kind switch
        {
            LayerIndexKind.Directory => owner,
            LayerIndexKind.Symlink => new SymlinkNode { Mode = owner.Mode, Target = ReadText() },
            LayerIndexKind.HardLink => new HardLinkNode { Mode = owner.Mode, Target = ReadPath() },
            LayerIndexKind.CharacterDevice => new DeviceNode
            {
                Mode = owner.Mode,
                Kind = DeviceKind.Character,
                Major = ReadInt32(),
                Minor = ReadInt32(),
            },
            LayerIndexKind.BlockDevice =>
                new DeviceNode { Mode = owner.Mode, Kind = DeviceKind.Block, Major = ReadInt32(), Minor = ReadInt32() },
            _ => throw new MalformedDataException(
                _file, -1, $"the layer's index has an entry of the unknown kind {(byte)kind}"),
        };
        return node with { Uid = owner.Uid, Gid = owner.Gid, ModifiedUnixSeconds = owner.ModifiedUnixSeconds };
    }

    private (StoredFile Stored, Digest Digest) ReadFile()
    {
        long length = ReadInt64();
        Digest digest = Digest.FromSha256(Take(32));
        long startOffset = ReadInt64();
        int fragment = ReadInt32();
        int fragmentOffset = ReadInt32();
        ReadOnlySpan<byte> words = Take(length / SquashFsConstants.BlockSize * sizeof(uint));
        uint[] blockSizes = new uint[words.Length / sizeof(uint)];
        for (int i = 0; i < blockSizes.Length; i++)
        {
            blockSizes[i] = BinaryPrimitives.ReadUInt32LittleEndian(words[(i * sizeof(uint))..]);
        }

        StoredFile stored = new()
        {
            Length = length,
            StartOffset = startOffset,
            BlockSizes = blockSizes,
            Fragment = fragment,
            FragmentOffset = fragmentOffset,
        };
        return (stored, digest);
    }

    private int ReadCount(int smallest)
    {
        int count = ReadInt32();
        return count >= 0 && count <= _rest.Length / smallest
            ? count
            : throw new MalformedDataException(
                _file, -1, $"the layer's index counts {count} items and has room for fewer");
    }

    private TreePath ReadPath()
    {
        try
        {
            return TreePath.Parse(ReadText());
        }
        catch (FormatException e)
        {
            throw new MalformedDataException(_file, -1, $"the layer's index has an entry that is none: {e.Message}", e);
        }
    }

    private string ReadText() =>
        Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)))));

    private int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    private long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw new MalformedDataException(_file, -1, "the layer's index ends early");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
