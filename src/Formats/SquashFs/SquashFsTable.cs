using System.Buffers.Binary;

namespace Images.Formats.SquashFs;

/// <summary>The id and fragment tables: metadata blocks, then a list of where each of them starts.</summary>
internal static class SquashFsTable
{
    /// <summary>
    /// Writes to the output's position; returns where the list starts, which is what the superblock names.
    /// </summary>
    public static ulong Write(ReadOnlySpan<byte> table, Stream output, long origin)
    {
        List<long> starts = [];
        while (!table.IsEmpty)
        {
            int part = Math.Min(table.Length, SquashFsConstants.MetadataBlockSize);
            SquashFsMetadataWriter block = new();
            block.Write(table[..part]);
            starts.Add(output.Position - origin);
            block.CopyTo(output);
            table = table[part..];
        }

        ulong listStart = (ulong)(output.Position - origin);
        Span<byte> entry = stackalloc byte[8];
        foreach (long start in starts)
        {
            BinaryPrimitives.WriteInt64LittleEndian(entry, start);
            output.Write(entry);
        }

        return listStart;
    }
}
