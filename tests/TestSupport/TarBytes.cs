using System.Text;

namespace Images.TestSupport;

/// <summary>Tar archives made by hand, so that every field can be wrong.</summary>
public static class TarBytes
{
    public static byte[] End => new byte[1024];

    /// <summary>A header with a fitting checksum, and its content padded to whole blocks.</summary>
    public static byte[] Entry(string name, char type = '0', string content = "", string link = "", Action<byte[]>? spoil = null)
    {
        byte[] body = Encoding.UTF8.GetBytes(content);
        byte[] entry = new byte[512 + ((body.Length + 511) / 512 * 512)];
        Put(entry, 0, name);
        Put(entry, 100, "0000644");
        Put(entry, 108, "0000000");
        Put(entry, 116, "0000000");
        Put(entry, 124, Convert.ToString(body.Length, 8).PadLeft(11, '0'));
        Put(entry, 136, "00000001750");
        entry[156] = (byte)type;
        Put(entry, 157, link);
        Put(entry, 257, "ustar\000");
        spoil?.Invoke(entry);
        Seal(entry);
        body.CopyTo(entry, 512);
        return entry;
    }

    public static byte[] Pax(char type, params string[] records) => Entry("pax", type, string.Concat(records.Select(record =>
    {
        int length = Encoding.UTF8.GetByteCount(record) + 2;
        length += $"{length + $"{length}".Length}".Length;
        return $"{length} {record}\n";
    })));

    public static void Put(byte[] entry, int offset, string text) => Encoding.UTF8.GetBytes(text).CopyTo(entry, offset);

    public static void Seal(byte[] entry)
    {
        entry.AsSpan(148, 8).Fill((byte)' ');
        int sum = entry.Take(512).Sum(b => (int)b);
        Put(entry, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
    }
}
