using System.Buffers.Binary;
using System.Text;

namespace Images.Baker.Tests.Boot.Initramfs;

/// <summary>The smallest ELF program or library whose dynamic section names what it needs.</summary>
internal static class HandMadeProgram
{
    private const ulong Address = 0x400000;
    private const int HeaderSize = 64;
    private const int SegmentSize = 56;

    public static byte[] Create(string? interpreter, params string[] needed)
    {
        byte[] path = Encoding.ASCII.GetBytes((interpreter ?? "") + "\0");
        byte[] names = Encoding.ASCII.GetBytes("\0" + string.Concat(needed.Select(name => name + "\0")));
        int pathAt = HeaderSize + (3 * SegmentSize);
        int namesAt = pathAt + path.Length;
        int dynamicAt = (namesAt + names.Length + 7) / 8 * 8;
        byte[] file = new byte[dynamicAt + ((needed.Length + 2) * 16)];
        "\u007fELF"u8.CopyTo(file);
        file[4] = 2;
        file[5] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), HeaderSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 3);
        path.CopyTo(file, pathAt);
        names.CopyTo(file, namesAt);
        WriteSegment(file, 0, type: 1, 0, file.Length);
        WriteSegment(file, 1, type: 2, dynamicAt, file.Length - dynamicAt);
        WriteSegment(file, 2, type: interpreter is null ? 0u : 3u, pathAt, path.Length);
        int nameOffset = 1, at = dynamicAt;
        foreach (string name in needed)
        {
            WriteEntry(file.AsSpan(at), tag: 1, (ulong)nameOffset);
            nameOffset += name.Length + 1;
            at += 16;
        }

        WriteEntry(file.AsSpan(at), tag: 5, Address + (ulong)namesAt);
        return file;
    }

    private static void WriteSegment(byte[] file, int index, uint type, int offset, int size)
    {
        Span<byte> segment = file.AsSpan(HeaderSize + (index * SegmentSize));
        BinaryPrimitives.WriteUInt32LittleEndian(segment, type);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[8..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], Address + (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)size);
    }

    private static void WriteEntry(Span<byte> entry, ulong tag, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(entry, tag);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], value);
    }
}
