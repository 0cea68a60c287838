using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>Decides which of a message's signatures are good, as of a given time.</summary>
internal sealed class OpenPgpVerifier(IReadOnlyList<OpenPgpCertificate> trusted, DateTimeOffset now)
{
    private const int MaximumSignatures = 32;

    /// <exception cref="MalformedDataException">The signatures are no packets, or there are too many.</exception>
    public OpenPgpVerdict Verify(CleartextMessage message, string name)
    {
        List<OpenPgpPacket> packets = OpenPgpPacket.ReadAll(message.Signatures, name);
        if (packets.Count is 0 or > MaximumSignatures
            || packets.Any(packet => packet.Tag != OpenPgpPacketTag.Signature))
        {
            throw new MalformedDataException(name, -1, "its signature block does not consist of signatures");
        }

        SortedSet<string> signedBy = new(StringComparer.Ordinal);
        List<string> rejections = [];
        foreach (OpenPgpPacket packet in packets)
        {
            OpenPgpSignature signature = OpenPgpSignature.Read(packet, name);
            (string? fingerprint, string? rejection) = Judge(signature, message.SignedBytes);
            if (fingerprint is not null)
            {
                signedBy.Add(fingerprint);
            }
            else
            {
                rejections.Add($"signature by {signature.Subpackets.Issuer ?? "nobody"}: {rejection}");
            }
        }

        return new OpenPgpVerdict([.. signedBy], [.. rejections]);
    }

    private (string? Fingerprint, string? Rejection) Judge(OpenPgpSignature signature, byte[] signedBytes)
    {
        if (signature.Unsupported is { } reason)
        {
            return (null, reason);
        }

        if (signature.Type != OpenPgpSignatureType.Text)
        {
            return (null, "it is not made over a text");
        }

        string issuer = signature.Subpackets.Issuer ?? "";
        string rejection = "its key is not one of the pinned ones";
        foreach (OpenPgpCertificate certificate in trusted)
        {
            foreach (OpenPgpSigningKey key in certificate.SigningKeys.Where(key => Matches(key.Key, issuer)))
            {
                if (!key.Key.Verifies(signature, signedBytes))
                {
                    rejection = "it does not fit the text";
                }
                else if (TimeProblem(signature.Subpackets, key) is { } problem)
                {
                    rejection = problem;
                }
                else
                {
                    return (certificate.Fingerprint, null);
                }
            }

            if (certificate.SigningKeys.IsEmpty && Matches(certificate.Primary, issuer))
            {
                rejection = $"its key cannot be used: {certificate.Problem}";
            }
        }

        return (null, rejection);
    }

    private static bool Matches(OpenPgpPublicKey key, string issuer) =>
        issuer.Length > 0 && (key.Fingerprint == issuer || key.KeyId == issuer);

    private string? TimeProblem(OpenPgpSubpackets subpackets, OpenPgpSigningKey key)
    {
        DateTimeOffset made = subpackets.Created!.Value;
        return made > now ? $"it was made at {made:u}, which is in the future; is this machine's clock right?"
            : made < key.Key.Created ? "it is older than its key"
            : made + subpackets.SignatureLifetime <= now ? $"it expired at {made + subpackets.SignatureLifetime:u}"
            : key.Expires <= now ? $"its key expired at {key.Expires:u}"
            : null;
    }
}
