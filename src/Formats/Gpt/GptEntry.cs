using System.Buffers.Binary;
using System.Text;

namespace Images.Formats.Gpt;

/// <summary>One partition entry (UEFI 2.10, table 5.6). An entry whose type is all zero is unused.</summary>
internal readonly record struct GptEntry
{
    public const int Size = 128;

    public required Guid TypeGuid { get; init; }

    public required Guid PartitionGuid { get; init; }

    public required ulong FirstLba { get; init; }

    /// <summary>Inclusive.</summary>
    public required ulong LastLba { get; init; }

    public ulong Attributes { get; init; }

    public required string Name { get; init; }

    public bool IsUsed => TypeGuid != Guid.Empty;

    public void WriteTo(Span<byte> entry)
    {
        entry = entry[..Size];
        entry.Clear();
        TypeGuid.TryWriteBytes(entry);
        PartitionGuid.TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], FirstLba);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], LastLba);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], Attributes);
        Encoding.Unicode.GetBytes(Name, entry[56..]);
    }

    /// <summary>Changes the identifier in an entry, and nothing else of it.</summary>
    public static void WritePartitionGuid(Span<byte> entry, Guid partitionGuid) =>
        partitionGuid.TryWriteBytes(entry[16..]);

    public static GptEntry Read(ReadOnlySpan<byte> entry) => new()
    {
        TypeGuid = new Guid(entry[..16]),
        PartitionGuid = new Guid(entry[16..32]),
        FirstLba = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]),
        LastLba = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]),
        Attributes = BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]),
        Name = Encoding.Unicode.GetString(entry[56..Size]).TrimEnd('\0'),
    };
}
