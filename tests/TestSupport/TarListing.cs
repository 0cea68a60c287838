using System.Text.RegularExpressions;
using Images.Formats.Tar;

namespace Images.TestSupport;

/// <summary>The lines of tar's verbose listing, from tar and from our entries, with single blanks between columns.</summary>
public static partial class TarListing
{
    public static string[] OfTar(string file) =>
        [.. Judge.Run("tar", "--list", "--verbose", "--numeric-owner", "--full-time", "--utc", "--quoting-style=literal", "--show-stored-names", "--file", file)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Columns().Replace(line, "$1 $2 $3 $4", 1))];

    public static string LineOf(TarEntry entry)
    {
        bool isDevice = entry.Kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        string size = isDevice ? $"{entry.DeviceMajor},{entry.DeviceMinor}" : $"{entry.Size}";
        string time = $"{DateTimeOffset.FromUnixTimeSeconds(entry.ModifiedUnixSeconds):yyyy-MM-dd HH:mm:ss}";
        string target = entry.Kind switch
        {
            TarEntryKind.Symlink => $" -> {entry.LinkTarget}",
            TarEntryKind.HardLink => $" link to {entry.LinkTarget}",
            _ => "",
        };
        return $"{KindAndMode(entry)} {entry.Uid}/{entry.Gid} {size} {time} {entry.Path}{target}";
    }

    private static string KindAndMode(TarEntry entry)
    {
        char[] text = ['?', .. "rwxrwxrwx"];
        text[0] = "-hlcbdp"[(int)entry.Kind];
        for (int i = 0; i < 9; i++)
        {
            text[i + 1] = (entry.Mode >> (8 - i) & 1) != 0 ? text[i + 1] : '-';
        }

        Special(text, 3, (entry.Mode & 0x800) != 0, 's');
        Special(text, 6, (entry.Mode & 0x400) != 0, 's');
        Special(text, 9, (entry.Mode & 0x200) != 0, 't');
        return new string(text);
    }

    private static void Special(char[] text, int place, bool isSet, char letter) =>
        text[place] = !isSet ? text[place] : text[place] == 'x' ? letter : char.ToUpperInvariant(letter);

    // mode, owner, size padded to a column, date and time with the fraction that we cut off
    [GeneratedRegex(@"^(\S+) +(\S+) +(\S+) (\S+ \d\d:\d\d:\d\d)(\.\d+)?", RegexOptions.None, 1000)]
    private static partial Regex Columns();
}
