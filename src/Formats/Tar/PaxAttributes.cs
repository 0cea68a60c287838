using System.Globalization;

namespace Images.Formats.Tar;

/// <summary>
/// What a pax extended header says about entries (IEEE Std 1003.1, pax). An empty value takes an attribute back.
/// </summary>
internal sealed record PaxAttributes
{
    private const string Xattr = "SCHILY.xattr.";

    public string? Path { get; private init; }

    public string? LinkTarget { get; private init; }

    public string? UserName { get; private init; }

    public string? GroupName { get; private init; }

    public long? Size { get; private init; }

    public long? ModifiedUnixSeconds { get; private init; }

    public int? Uid { get; private init; }

    public int? Gid { get; private init; }

    /// <summary>These attributes with those of one more header, whose own count more.</summary>
    public PaxAttributes With(ReadOnlySpan<byte> records, string archive, long offset)
    {
        TarFieldReader fields = new(archive, offset);
        PaxAttributes result = this;
        while (!records.IsEmpty)
        {
            // "<length> <keyword>=<value>\n", the length counting itself
            int blank = records.IndexOf((byte)' ');
            if (blank < 1
                || blank > 9
                || !int.TryParse(records[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
                || length > records.Length || length < blank + 3 || records[length - 1] != '\n')
            {
                throw new MalformedDataException(archive, offset, "a pax record's length does not fit");
            }

            ReadOnlySpan<byte> record = records[(blank + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals < 1 || record.Contains((byte)0))
            {
                throw new MalformedDataException(
                    archive, offset, "a pax record has no keyword, no '=', or a NUL in it");
            }

            string keyword = fields.Decode("pax keyword", record[..equals]);
            string value = fields.Decode(keyword, record[(equals + 1)..]);
            result = result.With(keyword, value)
                ?? throw new MalformedDataException(archive, offset, Refusal(keyword, value));
            records = records[length..];
        }

        return result;
    }

    // null where the keyword is not known, or the value is none for it
    private PaxAttributes? With(string keyword, string value)
    {
        string? text = value.Length > 0 ? value : null;
        return keyword switch
        {
            "path" => this with { Path = text },
            "linkpath" => this with { LinkTarget = text },
            "uname" => this with { UserName = text },
            "gname" => this with { GroupName = text },
            "size" when ParseNumber(text, TarHeader.MaximumContentSize, out long? size) => this with { Size = size },
            "uid" when ParseNumber(text, int.MaxValue, out long? uid) => this with { Uid = (int?)uid },
            "gid" when ParseNumber(text, int.MaxValue, out long? gid) => this with { Gid = (int?)gid },
            "mtime" when ParseSeconds(text, out long? seconds) => this with { ModifiedUnixSeconds = seconds },

            // true of the file elsewhere, or said to people: nothing that an image keeps
            "atime"
                or "ctime"
                or "comment"
                or "LIBARCHIVE.creationtime"
                or "SCHILY.dev"
                or "SCHILY.ino"
                or "SCHILY.nlink" =>
                this,
            _ => null,
        };
    }

    private static string Refusal(string keyword, string value) => keyword switch
    {
        "size" or "uid" or "gid" or "mtime" => $"the pax attribute {keyword}={value} is no number, or out of range",
        _ when keyword.StartsWith(Xattr, StringComparison.Ordinal) =>
            $"the extended attribute '{keyword[Xattr.Length..]}' is not supported",
        _ => $"the pax keyword '{keyword}' is not supported",
    };

    private static bool ParseNumber(string? text, long maximum, out long? value)
    {
        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= maximum;
        value = isNumber ? number : null;
        return isNumber || text is null;
    }

    // decimal seconds, cut off towards the past as the header's own field would be
    private static bool ParseSeconds(string? text, out long? value)
    {
        bool isNumber = decimal.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out decimal seconds)
            && decimal.Abs(seconds) < long.MaxValue;
        value = isNumber ? (long)decimal.Floor(seconds) : null;
        return isNumber || text is null;
    }
}
