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
