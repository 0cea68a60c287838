namespace Images.Baker.OpenPgp;

/// <summary>RFC 9580, section 5; those we read.</summary>
internal enum OpenPgpPacketTag
{
    Signature = 2,
    PublicKey = 6,
    Marker = 10,
    Trust = 12,
    UserId = 13,
    PublicSubkey = 14,
    UserAttribute = 17,
}
