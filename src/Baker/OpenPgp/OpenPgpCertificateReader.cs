using System.Buffers.Binary;

namespace Images.Baker.OpenPgp;

/// <summary>Judges the packets of one certificate.</summary>
internal sealed class OpenPgpCertificateReader
{
    private readonly string _name;
    private readonly OpenPgpPublicKey _primary;
    private readonly byte[] _primaryFramed;
    private readonly List<OpenPgpComponent> _components;

    public OpenPgpCertificateReader(List<OpenPgpPacket> packets, string name)
    {
        _name = name;
        _primary = OpenPgpPublicKey.Read(packets[0], name);
        _primaryFramed = _primary.Framed();
        _components = OpenPgpComponent.Group(packets, name);
    }

    public OpenPgpCertificate Read()
    {
        (List<OpenPgpSigningKey> keys, string? problem) = FindSigningKeys();
        return new OpenPgpCertificate
        {
            Primary = _primary,
            SigningKeys = [.. keys],
            Problem = keys.Count > 0 ? null : problem ?? "none of its keys may sign data",
        };
    }

    private (List<OpenPgpSigningKey> Keys, string? Problem) FindSigningKeys()
    {
        if (!_primary.IsSupported)
        {
            return ([], "its algorithm is not supported");
        }

        OpenPgpComponent primaryComponent = _components[0];

        // one by somebody else would be a designated revoker's, who cannot be asked; then the key had better rest, too
        if (primaryComponent.Signatures.Any(signature => signature.Type == OpenPgpSignatureType.KeyRevocation))
        {
            return ([], "it is revoked");
        }

        OpenPgpSignature? direct = Newest(
            primaryComponent.Signatures,
            signature => signature.Type == OpenPgpSignatureType.DirectKey
                && _primary.Verifies(signature, _primaryFramed));
        List<OpenPgpSignature> identities = [.. _components
            .Where(component => component.Kind == OpenPgpPacketTag.UserId)
            .Select(NewestCertification)
            .OfType<OpenPgpSignature>()];
        if (direct is null && identities.Count == 0)
        {
            return ([], "it has no good signature of its own");
        }

        OpenPgpSignature? identity = Newest(identities, _ => true);
        List<OpenPgpSignature> selfSignatures = [.. new[] { direct, identity }.OfType<OpenPgpSignature>()];
        DateTimeOffset? expires = Earliest(selfSignatures.Select(signature => ExpiryOf(_primary, signature)));
        List<OpenPgpSigningKey> keys = [];
        if (selfSignatures.Any(signature => signature.Subpackets.CanSign))
        {
            keys.Add(new OpenPgpSigningKey(_primary, expires));
        }

        foreach (OpenPgpComponent component in _components.Where(
            component => component.Kind == OpenPgpPacketTag.PublicSubkey))
        {
            if (FindSubkey(component, expires) is { } subkey)
            {
                keys.Add(subkey);
            }
        }

        return (keys, null);
    }

    /// <summary>The newest good certification of a user id by the primary key, unless it was revoked.</summary>
    private OpenPgpSignature? NewestCertification(OpenPgpComponent userId)
    {
        byte[] framed = new byte[5 + userId.Packet.Body.Length];
        framed[0] = 0xB4;
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), userId.Packet.Body.Length);
        userId.Packet.Body.Span.CopyTo(framed.AsSpan(5));
        bool isRevoked = userId.Signatures.Any(
            signature => signature.Type == OpenPgpSignatureType.CertificationRevocation
                && _primary.Verifies(signature, _primaryFramed, framed));
        return isRevoked
            ? null
            : Newest(
                userId.Signatures,
                signature => signature.Type is >= OpenPgpSignatureType.GenericCertification
                    and <= OpenPgpSignatureType.PositiveCertification
                    && _primary.Verifies(signature, _primaryFramed, framed));
    }

    /// <summary>A subkey that may sign: bound by the primary key, and saying itself that it belongs to it.</summary>
    private OpenPgpSigningKey? FindSubkey(OpenPgpComponent component, DateTimeOffset? primaryExpires)
    {
        OpenPgpPublicKey subkey = OpenPgpPublicKey.Read(component.Packet, _name);
        byte[] framed = subkey.Framed();
        OpenPgpSignature? binding = Newest(
            component.Signatures,
            signature => signature.Type == OpenPgpSignatureType.SubkeyBinding
                && _primary.Verifies(signature, _primaryFramed, framed));
        if (binding is null
            || !binding.Subpackets.CanSign
            || component.Signatures.Any(signature => signature.Type == OpenPgpSignatureType.SubkeyRevocation)
            || binding.Subpackets.EmbeddedSignature is not { } embedded)
        {
            return null;
        }

        OpenPgpSignature back = OpenPgpSignature.Read(embedded.Span, component.Packet.Offset, _name);
        return back.Type == OpenPgpSignatureType.PrimaryKeyBinding && subkey.Verifies(back, _primaryFramed, framed)
            ? new OpenPgpSigningKey(subkey, Earliest([primaryExpires, ExpiryOf(subkey, binding)]))
            : null;
    }

    private static OpenPgpSignature? Newest(
        IEnumerable<OpenPgpSignature> signatures, Func<OpenPgpSignature, bool> isGood) =>
        signatures
            .Where(signature => signature.IsSupported && isGood(signature))
            .MaxBy(signature => signature.Subpackets.Created);

    // a binding that expires takes its key along
    private static DateTimeOffset? ExpiryOf(OpenPgpPublicKey key, OpenPgpSignature signature) => Earliest(
        [
            key.Created + signature.Subpackets.KeyLifetime,
            signature.Subpackets.Created + signature.Subpackets.SignatureLifetime,
        ]);

    private static DateTimeOffset? Earliest(IEnumerable<DateTimeOffset?> times) => times.Min();
}
