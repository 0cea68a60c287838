namespace Images.Formats.Dns;

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
