namespace Images.Formats.Tar;

/// <summary>The meaning of a header's type byte.</summary>
internal static class TarEntryTypes
{
    /// <summary>Null where the type is not one that an image can hold.</summary>
    public static TarEntryKind? KindOf(char type) => type switch
    {
        '0' => TarEntryKind.File,
        '1' => TarEntryKind.HardLink,
        '2' => TarEntryKind.Symlink,
        '3' => TarEntryKind.CharacterDevice,
        '4' => TarEntryKind.BlockDevice,
        '5' => TarEntryKind.Directory,
        '6' => TarEntryKind.Fifo,
        _ => null,
    };

    public static string Describe(char type) => type switch
    {
        '7' => "'7' (contiguous file)",
        'A' => "'A' (Solaris access list)",
        'D' => "'D' (GNU dump of a folder)",
        'K' => "'K' (a second GNU long link)",
        'L' => "'L' (a second GNU long name)",
        'M' => "'M' (GNU continuation of another volume)",
        'S' => "'S' (GNU sparse file)",
        'V' => "'V' (GNU volume label)",
        'X' => "'X' (Sun extended header)",
        'x' => "'x' (a second pax header)",
        _ when char.IsAsciiLetterOrDigit(type) => $"'{type}'",
        _ => $"0x{(int)type:X2}",
    };
}
