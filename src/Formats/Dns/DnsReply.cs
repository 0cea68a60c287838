using System.Buffers.Binary;

namespace Images.Formats.Dns;

/// <summary>What another server answered to a question of ours: addresses and other names, all else left out.</summary>
internal sealed record DnsReply
{
    private const int FixedRecord = 10;

    public required DnsHeader Header { get; init; }

    /// <summary>In the message's order; owners that are no plain names are left out.</summary>
    public required IReadOnlyList<(string Owner, DnsRecord Record)> Answers { get; init; }

    /// <summary>Writes a question for another server, which is to resolve it.</summary>
    public static byte[] Ask(ushort id, string name, DnsType type)
    {
        byte[] message = new byte[DnsHeader.Size + DnsName.WireLength(name) + 4 + 11];
        new DnsHeader
        {
            Id = id,
            Flags = DnsFlags.RecursionDesired,
            Code = DnsCode.NoError,
            Questions = 1,
            Additionals = 1,
        }.WriteTo(message);
        Span<byte> rest = message.AsSpan(DnsHeader.Size + DnsName.Write(name, message.AsSpan(DnsHeader.Size)));
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], DnsQuestion.Internet);
        BinaryPrimitives.WriteUInt16BigEndian(rest[5..], (ushort)DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(rest[7..], 1232);
        return message;
    }

    /// <param name="message">What came.</param>
    /// <param name="name">What was asked.</param>
    /// <param name="type">Of what type.</param>
    /// <exception cref="MalformedDataException">No answer to this question.</exception>
    public static DnsReply Read(ReadOnlySpan<byte> message, string name, DnsType type)
    {
        DnsHeader header = DnsHeader.Read(message);
        DnsName.Require(header.Flags.HasFlag(DnsFlags.Response) && header.Questions == 1, 2, "it is no answer.");
        string asked = DnsName.Read(message, DnsHeader.Size, mayPoint: false, out int at);
        bool isOurs = asked == name
            && (DnsType)DnsName.WordAt(message, at) == type
            && DnsName.WordAt(message, at + 2) == DnsQuestion.Internet;
        DnsName.Require(isOurs, DnsHeader.Size, "it answers another question.");
        at += 4;
        List<(string Owner, DnsRecord Record)> answers = [];
        for (int count = 0; count < header.Answers; count++)
        {
            at = ReadRecord(message, at, answers);
        }

        return new DnsReply { Header = header, Answers = answers };
    }

    private static int ReadRecord(ReadOnlySpan<byte> message, int at, List<(string Owner, DnsRecord Record)> answers)
    {
        string owner = DnsName.Read(message, at, mayPoint: true, out int fields);
        DnsType type = (DnsType)DnsName.WordAt(message, fields);
        ushort kind = DnsName.WordAt(message, fields + 2);
        uint ttl = ((uint)DnsName.WordAt(message, fields + 4) << 16) | DnsName.WordAt(message, fields + 6);
        int length = DnsName.WordAt(message, fields + 8), data = fields + FixedRecord, end = data + length;
        DnsName.Require(end <= message.Length, data, "a record ends behind the message.");
        byte[]? bytes = type switch
        {
            DnsType.A when length == 4 => message[data..end].ToArray(),
            DnsType.Aaaa when length == 16 => message[data..end].ToArray(),
            DnsType.Cname => Target(message, data, end),
            _ => null,
        };
        if (bytes is not null && kind == DnsQuestion.Internet && DnsName.IsPlain(owner))
        {
            answers.Add((owner, new DnsRecord(type, ttl, bytes)));
        }

        return end;
    }

    private static byte[]? Target(ReadOnlySpan<byte> message, int data, int end)
    {
        string target = DnsName.Read(message, data, mayPoint: true, out int after);
        DnsName.Require(after == end, data, "a name is not as long as its record.");
        return DnsName.IsPlain(target) ? DnsName.ToBytes(target) : null;
    }
}
