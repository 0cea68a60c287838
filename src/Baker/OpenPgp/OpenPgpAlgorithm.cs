namespace Images.Baker.OpenPgp;

/// <summary>
/// Public-key algorithms (RFC 9580, section 9.1): those whose signatures are checked, and names of others.
/// </summary>
internal static class OpenPgpAlgorithm
{
    public const byte Rsa = 1;

    /// <summary>Ed25519 as GnuPG writes it: a curve by its name, a point and numbers as long integers.</summary>
    public const byte EdDsaLegacy = 22;

    public static bool IsSupported(byte algorithm) => algorithm is Rsa or EdDsaLegacy;

    public static string NameOf(byte algorithm) => algorithm switch
    {
        17 => "DSA",
        19 => "ECDSA",
        EdDsaLegacy => "EdDSA",
        27 => "Ed25519",
        28 => "Ed448",
        _ => $"{algorithm}",
    };
}
