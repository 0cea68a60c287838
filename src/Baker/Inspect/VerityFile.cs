using System.Buffers.Text;
using System.Text;
using Images.Baker.Boot.Initramfs;
using Images.Formats;
using Images.Formats.Cpio;
using Images.Formats.Verity;

namespace Images.Baker.Inspect;

/// <summary>
/// Finds the root hash in a kernel image's initrd: the file <c>etc/verity</c> with shell assignments, in the small
/// uncompressed archive that ends the initrd.
/// </summary>
internal static class VerityFile
{
    private const string Path = InitramfsBuilder.VerityFile;

    private const int SizeField = 54; // of the archive's header, eight hexadecimal digits

    /// <exception cref="MalformedDataException">
    /// There is no such file, or it does not name hash, salt and block count.
    /// </exception>
    public static VerityInfo Read(ReadOnlySpan<byte> initrd, string file)
    {
        ReadOnlySpan<byte> name = Encoding.UTF8.GetBytes(Path + "\0");
        int nameAt = initrd.LastIndexOf(name);
        int header = nameAt - CpioHeader.Size;
        if (nameAt < CpioHeader.Size || !initrd[header..].StartsWith("070701"u8))
        {
            throw new MalformedDataException(file, -1, $"the initrd has no file {Path}, which names the root.");
        }

        int content = (nameAt + name.Length - header + 3) / 4 * 4;
        ReadOnlySpan<byte> rest = initrd[Math.Min(initrd.Length, header + content)..];
        if (!Utf8Parser.TryParse(initrd.Slice(header + SizeField, 8), out uint size, out int digits, 'x')
            || digits != 8
            || size > rest.Length)
        {
            throw new MalformedDataException(file, -1, $"the initrd's file {Path} is cut short.");
        }

        return Parse(Encoding.UTF8.GetString(rest[..(int)size]), file);
    }

    private static VerityInfo Parse(string text, string file)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('=', 2);
            if (parts.Length != 2 || !values.TryAdd(parts[0], parts[1]))
            {
                throw new MalformedDataException(
                    file, -1, $"the initrd's file {Path} has the line '{line}', which is no new assignment.");
            }
        }

        string hash = values.GetValueOrDefault("ROOT_HASH", ""), salt = values.GetValueOrDefault("SALT", "");
        bool counted = long.TryParse(values.GetValueOrDefault("DATA_BLOCKS"), out long blocks) && blocks > 0
            && values.GetValueOrDefault("HASH_START_BLOCK") == values["DATA_BLOCKS"];
        return counted && IsHash(hash) && IsHash(salt)
            ? new VerityInfo { RootHash = hash, Salt = salt, DataBlocks = blocks }
            : throw new MalformedDataException(
                file, -1,
                $"the initrd's file {Path} does not name ROOT_HASH, SALT, "
                    + "DATA_BLOCKS and HASH_START_BLOCK as a bake writes them.");
    }

    private static bool IsHash(string hex) => hex.Length == 64 && hex.All(char.IsAsciiHexDigitLower);
}
