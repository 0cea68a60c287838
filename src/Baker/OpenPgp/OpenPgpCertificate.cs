using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// A transferable public key (RFC 9580, section 10.1), reduced to the question which of its keys may sign data. A key
/// counts only through signatures of the primary key that were checked; a revocation counts from the beginning of time.
/// </summary>
internal sealed record OpenPgpCertificate
{
    public required OpenPgpPublicKey Primary { get; init; }

    public required ImmutableArray<OpenPgpSigningKey> SigningKeys { get; init; }

    /// <summary>Why there is no signing key; null where there is one.</summary>
    public required string? Problem { get; init; }

    public string Fingerprint => Primary.Fingerprint;

    /// <summary>Reads a file of certificates, armored or binary.</summary>
    /// <exception cref="MalformedDataException">It holds something else, or its structure is broken.</exception>
    public static ImmutableArray<OpenPgpCertificate> ReadAll(byte[] file, string name)
    {
        List<OpenPgpPacket> packets = OpenPgpPacket.ReadAll(
            OpenPgpArmor.DecodeIfArmored(file, "PUBLIC KEY BLOCK", name), name);
        if (packets.Count == 0 || packets[0].Tag != OpenPgpPacketTag.PublicKey)
        {
            throw new MalformedDataException(name, 0, "it does not begin with a public key");
        }

        List<OpenPgpCertificate> certificates = [];
        int start = 0;
        for (int i = 1; i <= packets.Count; i++)
        {
            if (i == packets.Count || packets[i].Tag == OpenPgpPacketTag.PublicKey)
            {
                certificates.Add(new OpenPgpCertificateReader(packets.GetRange(start, i - start), name).Read());
                start = i;
            }
        }

        return [.. certificates];
    }
}
