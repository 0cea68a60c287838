namespace Images.Formats.Dns;

/// <summary>Types of records and of questions (RFC 1035 §3.2.2; RFC 3596, 2782, 6891).</summary>
internal enum DnsType : ushort
{
    None = 0,
    A = 1,
    Cname = 5,
    Soa = 6,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,

    /// <summary>What a message says of EDNS; no record of a zone.</summary>
    Opt = 41,

    /// <summary>Of questions only.</summary>
    Any = 255,
}
