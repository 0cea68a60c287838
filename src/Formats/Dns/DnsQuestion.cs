namespace Images.Formats.Dns;

/// <summary>A message that asks one question (RFC 1035 §4.1.2), and what it says of EDNS (RFC 6891).</summary>
internal sealed record DnsQuestion
{
    public const ushort Internet = 1;

    /// <summary>What a datagram may hold for one who does not speak of it.</summary>
    private const int PlainDatagram = 512;

    private const int FixedRecord = 10;

    public required DnsHeader Header { get; init; }

    /// <summary>As <see cref="DnsName"/> has it.</summary>
    public required string Name { get; init; }

    public required DnsType Type { get; init; }

    /// <summary>Internet, or another.</summary>
    public required ushort Class { get; init; }

    /// <summary>What follows the question; an answer repeats all before it, byte by byte.</summary>
    public required int End { get; init; }

    public bool HasEdns { get; init; }

    public byte EdnsVersion { get; init; }

    /// <summary>The longest datagram that the one who asks takes, at least 512.</summary>
    public int DatagramSize { get; init; } = PlainDatagram;

    /// <exception cref="MalformedDataException">It is no message with one question.</exception>
    public static DnsQuestion Read(ReadOnlySpan<byte> message)
    {
        DnsHeader header = DnsHeader.Read(message);
        DnsName.Require(header.Questions == 1, 4, "it does not ask exactly one question.");
        string name = DnsName.Read(message, DnsHeader.Size, mayPoint: false, out int end);
        DnsQuestion question = new()
        {
            Header = header,
            Name = name,
            Type = (DnsType)DnsName.WordAt(message, end),
            Class = DnsName.WordAt(message, end + 2),
            End = end + 4,
        };
        return ReadEdns(message, question);
    }

    private static DnsQuestion ReadEdns(ReadOnlySpan<byte> message, DnsQuestion question)
    {
        DnsHeader header = question.Header;
        int before = header.Answers + header.Authorities, at = question.End;
        for (int record = 0; record < before + header.Additionals; record++)
        {
            int start = at;
            at = DnsName.Skip(message, start);
            DnsType type = (DnsType)DnsName.WordAt(message, at);
            ushort size = DnsName.WordAt(message, at + 2), version = DnsName.WordAt(message, at + 4);
            int data = at + FixedRecord;
            at = data + DnsName.WordAt(message, at + 8);
            DnsName.Require(at <= message.Length, data, "a record ends behind the message.");
            if (type == DnsType.Opt && record >= before)
            {
                DnsName.Require(
                    message[start] == 0 && !question.HasEdns, start, "its OPT record has a name or a twin.");
                question = question with
                {
                    HasEdns = true,
                    EdnsVersion = (byte)(version & 0xFF),
                    DatagramSize = Math.Max(size, (ushort)PlainDatagram),
                };
            }
        }

        return question;
    }
}
