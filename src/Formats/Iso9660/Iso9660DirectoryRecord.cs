namespace Images.Formats.Iso9660;

/// <summary>One entry of a folder (ECMA-119 9.1).</summary>
internal readonly record struct Iso9660DirectoryRecord
{
    private const int FixedSize = 33;

    /// <summary>One byte, 0x00 or 0x01, for the folder itself and its parent.</summary>
    public required byte[] Identifier { get; init; }

    public required uint FirstSector { get; init; }

    public required uint SizeBytes { get; init; }

    public required long ModifiedUnixSeconds { get; init; }

    public required bool IsDirectory { get; init; }

    /// <summary>Rock Ridge fields; empty in the Joliet hierarchy.</summary>
    public required byte[] SystemUse { get; init; }

    /// <summary>A whole number of pairs, at most 254.</summary>
    public int Size => SizeWith(Identifier.Length, SystemUse.Length);

    /// <summary>The longest system use field that a record with such an identifier can carry.</summary>
    public static int RoomForSystemUse(int identifierLength) => 254 - SizeWith(identifierLength, 0);

    public void WriteTo(Span<byte> record)
    {
        record = record[..Size];
        record.Clear();
        record[0] = (byte)Size;
        Iso9660Field.WriteBoth32(record[2..], FirstSector);
        Iso9660Field.WriteBoth32(record[10..], SizeBytes);
        Iso9660Field.WriteShortDate(record[18..], ModifiedUnixSeconds);
        record[25] = (byte)(IsDirectory ? 0x02 : 0x00);
        Iso9660Field.WriteBoth16(record[28..], 1); // the volume of this number in the set
        record[32] = (byte)Identifier.Length;
        Identifier.CopyTo(record[FixedSize..]);
        SystemUse.CopyTo(record[SizeWith(Identifier.Length, 0)..]);
    }

    private static int SizeWith(int identifierLength, int systemUseLength)
    {
        int upToIdentifier = FixedSize + identifierLength + (1 - (identifierLength % 2));
        return upToIdentifier + systemUseLength + (systemUseLength % 2);
    }
}
