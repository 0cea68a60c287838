using System.Collections.Immutable;
using System.Text;
using Images.Baker.OpenPgp;

namespace Images.Fuzz.Parsers;

/// <summary>Whether what counts as signed is a text that somebody signed: the texts of the corpus, and no other.</summary>
internal sealed class SignedTexts
{
    private static readonly DateTimeOffset _moment = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly OpenPgpVerifier _verifier;
    private readonly HashSet<string> _texts;

    private SignedTexts(IReadOnlyList<OpenPgpCertificate> certificates, HashSet<string> texts)
    {
        _verifier = new OpenPgpVerifier(certificates, _moment);
        _texts = texts;
    }

    /// <param name="corpus">Keys lie in its folder "pgp-certificate", signed texts in "inrelease".</param>
    public static SignedTexts Read(string corpus)
    {
        IReadOnlyList<OpenPgpCertificate> certificates =
        [
            .. Directory.GetFiles(Path.Combine(corpus, "pgp-certificate"), "*.pgp").Order(StringComparer.Ordinal)
                .SelectMany(file => OpenPgpCertificate.ReadAll(File.ReadAllBytes(file), file)),
        ];
        HashSet<string> texts = new(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(Path.Combine(corpus, "inrelease"), "*.InRelease"))
        {
            texts.Add(TextOf(CleartextMessage.Parse(File.ReadAllBytes(file), file)));
        }

        SignedTexts signed = new(certificates, texts);
        foreach (string file in Directory.GetFiles(Path.Combine(corpus, "inrelease"), "*.InRelease"))
        {
            if (signed.Verify(CleartextMessage.Parse(File.ReadAllBytes(file), file)).IsEmpty)
            {
                throw new InvalidOperationException($"{file} is not signed by a key of the corpus, so no change of it could be accepted.");
            }
        }

        return signed;
    }

    /// <exception cref="InvalidOperationException">It counts as signed, and nobody signed it.</exception>
    public void RequireSigned(byte[] file)
    {
        CleartextMessage message = CleartextMessage.Parse(file, "fuzz");
        if (!Verify(message).IsEmpty && !_texts.Contains(TextOf(message)))
        {
            throw new InvalidOperationException("a text counts as signed that nobody signed");
        }
    }

    private ImmutableArray<string> Verify(CleartextMessage message) => _verifier.Verify(message, "fuzz").SignedBy;

    private static string TextOf(CleartextMessage message) => Encoding.Latin1.GetString(message.Text);
}
