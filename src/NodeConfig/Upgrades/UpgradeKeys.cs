using System.Security.Cryptography;
using Images.Formats;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// Who may make upgrades for a machine: public keys of ECDSA over P-256, one a line, as
/// <c>baker keys --upgrade</c> writes them. A line is base64 of the key's SubjectPublicKeyInfo (RFC 5480); what follows
/// a blank, and lines that begin with <c>#</c>, are comments. There may be several, so that a new key is known before
/// the old one goes.
/// </summary>
public sealed class UpgradeKeys
{
    public const int MaximumBytes = 64 << 10;

    /// <summary>The two numbers r and s, 32 bytes each, the most significant byte first (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    private const string OidOfP256 = "1.2.840.10045.3.1.7";

    private readonly IReadOnlyList<byte[]> _keys;

    private UpgradeKeys(IReadOnlyList<byte[]> keys) => _keys = keys;

    /// <summary>Of a machine that takes whatever it is given.</summary>
    public static UpgradeKeys None { get; } = new([]);

    public bool Any => _keys.Count > 0;

    /// <param name="text">A list that names no key is refused: an emptied file must not open the door.</param>
    /// <param name="file">For errors.</param>
    /// <exception cref="MalformedDataException">A line is no such key, or there is none.</exception>
    public static UpgradeKeys Parse(string text, string file)
    {
        if (text.Length > MaximumBytes)
        {
            throw new MalformedDataException(file, -1, $"it has more than {MaximumBytes} characters.");
        }

        List<byte[]> keys = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                keys.Add(ParseKey(line.Split(' ', 2)[0], $"{file}, line {i + 1}"));
            }
        }

        return keys.Count > 0
            ? new UpgradeKeys(keys)
            : throw new MalformedDataException(file, -1, "it names no key.");
    }

    /// <summary>Whether one of the keys made this signature of these bytes; false for one of any other form.</summary>
    public bool Verify(ReadOnlySpan<byte> manifest, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes)
        {
            return false;
        }

        foreach (byte[] key in _keys)
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key, out _);
            if (ecdsa.VerifyData(
                manifest, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] ParseKey(string word, string place)
    {
        try
        {
            byte[] key = Convert.FromBase64String(word);
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key, out int read);
            ECParameters parts = ecdsa.ExportParameters(includePrivateParameters: false);
            if (read == key.Length && parts.Curve.Oid.Value == OidOfP256)
            {
                return key;
            }
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new MalformedDataException(place, -1, "it is no public key of ECDSA over P-256.", e);
        }

        throw new MalformedDataException(place, -1, "it is no public key of ECDSA over P-256.");
    }
}
