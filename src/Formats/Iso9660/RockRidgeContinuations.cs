namespace Images.Formats.Iso9660;

/// <summary>
/// The area for names that are too long for their records. It stands at a fixed sector, each piece lies within one
/// sector, and equal names share one piece.
/// </summary>
internal sealed class RockRidgeContinuations(uint firstSector)
{
    private readonly Dictionary<string, int> _offsets = new(StringComparer.Ordinal);
    private readonly List<byte> _bytes = [];

    public uint Sectors => (uint)((_bytes.Count + Iso9660Writer.SectorSize - 1) / Iso9660Writer.SectorSize);

    public byte[] ToArray() => [.. _bytes, .. new byte[(int)(Sectors * Iso9660Writer.SectorSize) - _bytes.Count]];

    /// <summary>The name's own fields where they fit, else a pointer to this area, where they then stand.</summary>
    public byte[] NameOrPointer(string name, int room)
    {
        byte[] fields = RockRidgeFields.Name(name);
        if (fields.Length <= room)
        {
            return fields;
        }

        if (!_offsets.TryGetValue(name, out int offset))
        {
            if ((_bytes.Count % Iso9660Writer.SectorSize) + fields.Length > Iso9660Writer.SectorSize)
            {
                _bytes.AddRange(new byte[Iso9660Writer.SectorSize - (_bytes.Count % Iso9660Writer.SectorSize)]);
            }

            offset = _bytes.Count;
            _offsets[name] = offset;
            _bytes.AddRange(fields);
        }

        uint sector = firstSector + (uint)(offset / Iso9660Writer.SectorSize);
        return RockRidgeFields.Continuation(sector, offset % Iso9660Writer.SectorSize, fields.Length);
    }
}
