using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>Encodes a <see cref="LayerIndex"/>; the README beside this file has the layout.</summary>
internal sealed class LayerIndexWriter
{
    private readonly ArrayBufferWriter<byte> _output = new();

    public static byte[] Encode(LayerIndex index)
    {
        LayerIndexWriter writer = new();
        writer.WriteInt64(index.BlocksLength);
        index.BlocksChecksum.WriteTo(writer._output.GetSpan(LayerChecksum.Size));
        writer._output.Advance(LayerChecksum.Size);
        writer.WriteInt32(index.Fragments.Count);
        foreach (SquashFsFragment fragment in index.Fragments)
        {
            writer.WriteInt64(fragment.StartOffset);
            writer.WriteUInt32(fragment.SizeWord);
        }

        writer.WriteInt32(index.Entries.Count);
        foreach (LayerIndexEntry entry in index.Entries)
        {
            writer.WriteEntry(entry);
        }

        return writer._output.WrittenSpan.ToArray();
    }

    private void WriteEntry(LayerIndexEntry entry)
    {
        TreeNode node = entry.Attributes;
        _output.Write([(byte)KindOf(entry)]);
        WriteText(entry.Path.Value);
        WriteInt32(node.Mode);
        WriteInt32(node.Uid);
        WriteInt32(node.Gid);
        WriteInt64(node.ModifiedUnixSeconds);
        if (entry.Stored is StoredFile stored)
        {
            WriteFile(stored, entry.Digest!);
        }
        else if (node is SymlinkNode symlink)
        {
            WriteText(symlink.Target);
        }
        else if (node is HardLinkNode link)
        {
            WriteText(link.Target.Value);
        }
        else if (node is DeviceNode device)
        {
            WriteInt32(device.Major);
            WriteInt32(device.Minor);
        }
    }

    private void WriteFile(StoredFile stored, Digest digest)
    {
        WriteInt64(stored.Length);
        _output.Write(digest.ToBytes());
        WriteInt64(stored.StartOffset);
        WriteInt32(stored.Fragment);
        WriteInt32(stored.FragmentOffset);
        foreach (uint word in stored.BlockSizes)
        {
            WriteUInt32(word);
        }
    }

    private static LayerIndexKind KindOf(LayerIndexEntry entry) => entry.Attributes switch
    {
        _ when entry.Stored is not null => LayerIndexKind.File,
        DirectoryNode => LayerIndexKind.Directory,
        SymlinkNode => LayerIndexKind.Symlink,
        HardLinkNode => LayerIndexKind.HardLink,
        DeviceNode { Kind: DeviceKind.Block } => LayerIndexKind.BlockDevice,
        DeviceNode => LayerIndexKind.CharacterDevice,
        _ => throw new InvalidOperationException($"{entry.Path} has no kind in a layer's index."),
    };

    private void WriteText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = _output.GetSpan(sizeof(ushort));
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)bytes.Length);
        _output.Advance(sizeof(ushort));
        _output.Write(bytes);
    }

    private void WriteInt32(int value) => WriteUInt32(unchecked((uint)value));

    private void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_output.GetSpan(sizeof(uint)), value);
        _output.Advance(sizeof(uint));
    }

    private void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_output.GetSpan(sizeof(long)), value);
        _output.Advance(sizeof(long));
    }
}
