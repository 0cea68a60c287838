// A header and what its bits mean, read together.
#pragma warning disable MA0048
using System.Buffers.Binary;

namespace Images.Formats.Dns;

/// <summary>The second word of a header, without RCODE (RFC 1035 §4.1.1).</summary>
[Flags]
internal enum DnsFlags : ushort
{
    None = 0,
    RecursionAvailable = 0x0080,
    RecursionDesired = 0x0100,
    Truncated = 0x0200,
    Authoritative = 0x0400,

    OpcodeOne = 0x0800,
    OpcodeTwo = 0x1000,
    OpcodeFour = 0x2000,
    OpcodeEight = 0x4000,

    /// <summary>What is asked for; 0 is a standard query.</summary>
    Opcode = OpcodeOne | OpcodeTwo | OpcodeFour | OpcodeEight,

    Response = 0x8000,
}

/// <summary>RCODE (RFC 1035 §4.1.1, RFC 6891 §9): what became of a question.</summary>
internal enum DnsCode : ushort
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
    BadVersion = 16,
}

/// <summary>The first twelve bytes of a message (RFC 1035 §4.1.1).</summary>
internal readonly record struct DnsHeader
{
    public const int Size = 12;

    private const ushort CodeMask = 0x000F;

    public required ushort Id { get; init; }

    public required DnsFlags Flags { get; init; }

    /// <summary>Its low four bits; the others are in the OPT record.</summary>
    public required DnsCode Code { get; init; }

    public ushort Questions { get; init; }

    public ushort Answers { get; init; }

    public ushort Authorities { get; init; }

    public ushort Additionals { get; init; }

    /// <exception cref="MalformedDataException">Too short.</exception>
    public static DnsHeader Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < Size)
        {
            throw new MalformedDataException(DnsName.Place, 0, "it is shorter than a header.");
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        return new DnsHeader
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(message),
            Flags = (DnsFlags)(flags & ~CodeMask),
            Code = (DnsCode)(flags & CodeMask),
            Questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            Answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            Authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]),
            Additionals = BinaryPrimitives.ReadUInt16BigEndian(message[10..]),
        };
    }

    public void WriteTo(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, Id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], (ushort)((ushort)Flags | ((ushort)Code & CodeMask)));
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], Questions);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], Answers);
        BinaryPrimitives.WriteUInt16BigEndian(message[8..], Authorities);
        BinaryPrimitives.WriteUInt16BigEndian(message[10..], Additionals);
    }
}
