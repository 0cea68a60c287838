using System.Buffers;
using System.Text;
using Images.Formats.Tree;

namespace Images.Formats.Iso9660;

/// <summary>
/// The fields of SUSP 1.10 and RRIP 1.09 ("RRIP_1991A") that give files their POSIX names, modes, owners and times.
/// </summary>
internal static class RockRidgeFields
{
    public const int ContinuationFieldSize = 28;

    private const int DirectoryType = 0x4000;

    private const int FileType = 0x8000;

    private const int MaximumNamePerField = 250;

    /// <summary>SP: these fields are used on this volume, from the first byte of each system use area on.</summary>
    public static byte[] SharingProtocol() => [(byte)'S', (byte)'P', 7, 1, 0xBE, 0xEF, 0];

    /// <summary>ER: which extension they belong to; its describing texts are left out.</summary>
    public static byte[] ExtensionReference() => [(byte)'E', (byte)'R', 18, 1, 10, 0, 0, 1, .. "RRIP_1991A"u8];

    /// <summary>PX: mode, links, owner.</summary>
    public static byte[] Attributes(TreeNode node, int links)
    {
        byte[] field = new byte[36];
        "PX"u8.CopyTo(field);
        field[2] = 36;
        field[3] = 1;
        int type = node is DirectoryNode ? DirectoryType : FileType;
        Iso9660Field.WriteBoth32(field.AsSpan(4), (uint)(type | node.Mode));
        Iso9660Field.WriteBoth32(field.AsSpan(12), (uint)links);
        Iso9660Field.WriteBoth32(field.AsSpan(20), (uint)node.Uid);
        Iso9660Field.WriteBoth32(field.AsSpan(28), (uint)node.Gid);
        return field;
    }

    /// <summary>TF: modified, accessed, changed, all the same.</summary>
    public static byte[] Times(TreeNode node)
    {
        byte[] field = new byte[26];
        "TF"u8.CopyTo(field);
        field[2] = 26;
        field[3] = 1;
        field[4] = 0x02 | 0x04 | 0x08;
        for (int i = 0; i < 3; i++)
        {
            Iso9660Field.WriteShortDate(field.AsSpan(5 + (i * Iso9660Field.ShortDateSize)), node.ModifiedUnixSeconds);
        }

        return field;
    }

    /// <summary>NM: the name in UTF-8, in as many fields as it takes.</summary>
    public static byte[] Name(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        ArrayBufferWriter<byte> fields = new();
        for (int offset = 0; offset < bytes.Length; offset += MaximumNamePerField)
        {
            int count = Math.Min(MaximumNamePerField, bytes.Length - offset);
            bool continues = offset + count < bytes.Length;
            fields.Write<byte>([(byte)'N', (byte)'M', (byte)(5 + count), 1, (byte)(continues ? 0x01 : 0x00)]);
            fields.Write(bytes.AsSpan(offset, count));
        }

        return fields.WrittenSpan.ToArray();
    }

    /// <summary>CE: the fields go on elsewhere, within one sector.</summary>
    public static byte[] Continuation(uint sector, int offset, int length)
    {
        byte[] field = new byte[ContinuationFieldSize];
        "CE"u8.CopyTo(field);
        field[2] = ContinuationFieldSize;
        field[3] = 1;
        Iso9660Field.WriteBoth32(field.AsSpan(4), sector);
        Iso9660Field.WriteBoth32(field.AsSpan(12), (uint)offset);
        Iso9660Field.WriteBoth32(field.AsSpan(20), (uint)length);
        return field;
    }
}
