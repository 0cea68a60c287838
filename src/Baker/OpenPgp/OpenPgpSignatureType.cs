namespace Images.Baker.OpenPgp;

/// <summary>RFC 9580, section 5.2.1; those we read.</summary>
internal enum OpenPgpSignatureType
{
    Text = 0x01,
    GenericCertification = 0x10,
    PositiveCertification = 0x13,
    SubkeyBinding = 0x18,
    PrimaryKeyBinding = 0x19,
    DirectKey = 0x1F,
    KeyRevocation = 0x20,
    SubkeyRevocation = 0x28,
    CertificationRevocation = 0x30,
}
