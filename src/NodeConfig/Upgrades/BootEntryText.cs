using System.Globalization;
using System.Text;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// What stands in an entry of ours: a slot's kernel image, and the number that the loader sorts by. The image's version
/// is in the title alone, so an older image can follow a newer one.
/// </summary>
public static class BootEntryText
{
    public const int MaximumBytes = 4096;

    public static byte[] Of(string title, int number, char slot)
    {
        if (slot is not ('a' or 'b') || title.Any(char.IsControl))
        {
            throw new ArgumentException("A slot is a or b, and a title is one line.");
        }

        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"title {title}\nversion {number:D4}\nsort-key node\nefi /{NodeEsp.ImageOf(slot)}\n"));
    }

    /// <summary>The slot that an entry starts; null for what is no whole entry of ours.</summary>
    public static char? SlotOf(ReadOnlySpan<byte> text)
    {
        foreach (string line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            switch (line.Trim())
            {
                case "efi /" + NodeEsp.ImageA:
                    return 'a';
                case "efi /" + NodeEsp.ImageB:
                    return 'b';
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>The title of an entry; empty where there is none.</summary>
    public static string TitleOf(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text)
        .Split('\n')
        .Where(line => line.StartsWith("title ", StringComparison.Ordinal))
        .Select(line => line["title ".Length..].Trim())
        .FirstOrDefault() ?? "";
}
