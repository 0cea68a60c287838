using System.Security.Cryptography;
using Images.Baker.Seeds;
using Images.NodeConfig.Upgrades;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace Images.Baker.Signing;

/// <summary>
/// The key that signs upgrades: ECDSA over P-256, kept as PKCS #8 in PEM, readable by its owner alone. Its nonces are
/// those of RFC 6979, so the same key and manifest give the same signature.
/// </summary>
internal sealed class UpgradeSigningKey
{
    private const int NumberBytes = UpgradeKeys.SignatureBytes / 2;

    private const UnixFileMode OthersMayRead = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly ECPrivateKeyParameters _key;

    private UpgradeSigningKey(ECPrivateKeyParameters key) => _key = key;

    /// <summary>Makes a pair: the private key at <paramref name="path"/>, the public one beside it.</summary>
    /// <returns>The path of the public key, whose line goes into the image's list.</returns>
    /// <exception cref="BakeException">There is one already, or it cannot be written.</exception>
    public static string Make(string path)
    {
        string publicPath = path + ".pub";
        foreach (string file in (string[])[path, publicPath])
        {
            if (Path.Exists(file))
            {
                throw new BakeException(
                    "BAKE0660", file, "exists already; a key that machines trust is not replaced.",
                    "Name another file with --out.", BakeFault.Output);
            }
        }

        using ECDsa pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string line = Convert.ToBase64String(pair.ExportSubjectPublicKeyInfo()) + "\n";
        PrivateFile.WriteTogether(
            (path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(pair.ExportPkcs8PrivateKeyPem() + "\n"))),
            (publicPath, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(line))));
        return publicPath;
    }

    /// <exception cref="BakeException">It cannot be read, others than its owner may read it, or it is none.</exception>
    public static UpgradeSigningKey Read(string path)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OthersMayRead) != UnixFileMode.None)
            {
                throw new BakeException(
                    "BAKE0661", path, "others than its owner may read the private key.",
                    $"Run 'chmod 600 {path}', and make a new key if others may have read it.");
            }

            using ECDsa pair = ECDsa.Create();
            pair.ImportFromPem(File.ReadAllText(path));
            ECParameters parts = pair.ExportParameters(includePrivateParameters: true);
            if (parts.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                throw new CryptographicException("it is of another curve");
            }

            return new UpgradeSigningKey(new ECPrivateKeyParameters(
                "ECDSA", new BigInteger(1, parts.D), Org.BouncyCastle.Asn1.Sec.SecObjectIdentifiers.SecP256r1));
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // the cause is left out of the text: it may quote what stands in the file
            throw new BakeException(
                "BAKE0662", path, "is no private key of ECDSA over P-256 that can be read.",
                "Make one with 'baker keys --upgrade --out FILE'.", BakeFault.Input, e);
        }
    }

    /// <returns><see cref="UpgradeKeys.SignatureBytes"/> bytes.</returns>
    public byte[] Sign(ReadOnlySpan<byte> manifest)
    {
        ECDsaSigner signer = new(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, _key);
        BigInteger[] numbers = signer.GenerateSignature(SHA256.HashData(manifest));
        byte[] signature = new byte[UpgradeKeys.SignatureBytes];
        for (int i = 0; i < numbers.Length; i++)
        {
            byte[] number = numbers[i].ToByteArrayUnsigned();
            number.CopyTo(signature.AsSpan(((i + 1) * NumberBytes) - number.Length));
        }

        return signature;
    }
}
