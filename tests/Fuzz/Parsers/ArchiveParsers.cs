using Images.Baker.Debian.Archive;
using Images.Baker.Debian.Packages;
using Images.Baker.OpenPgp;
using Images.Baker.Plan;
using Images.Formats;
using Images.TestSupport;

namespace Images.Fuzz.Parsers;

/// <summary>What an archive of Debian's kind serves: packages, indexes, signatures.</summary>
internal static class ArchiveParsers
{
    private static readonly Type[] _malformed = [typeof(MalformedDataException)];

    private static readonly SuitePlan _suite = new() { Suite = "trixie", Archive = "debian", Components = ["main"], Keys = [] };

    private static readonly ReleaseFile _release =
        ReleaseFile.Parse("Suite: stable\nCodename: trixie\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n"u8.ToArray(), "Release");

    /// <summary>The corpus is signed by two keys of its own, which never expire; the moment is fixed so that a run can be repeated.</summary>
    private static readonly Lazy<SignedTexts> _signed = new(() => SignedTexts.Read(Path.Combine(Checkout.Folder, "tests", "Fuzz", "corpus")));

    public static IEnumerable<FuzzedParser> All =>
    [
        new()
        {
            Name = "deb",
            Declared = _malformed,
            MostBytes = 200 << 20,
            Read = bytes =>
            {
                DebPackage package = DebPackage.Open(new MemoryStream(bytes), "fuzz.deb");
                using Stream data = package.OpenData();
                FormatParsers.ReadTar(data, package.DataName);
            },
        },
        new() { Name = "control-file", Declared = _malformed, Read = bytes => _ = ControlFile.Parse(new MemoryStream(bytes), "fuzz").Count() },
        new() { Name = "release", Declared = _malformed, Read = bytes => ReleaseFile.Parse(bytes, "fuzz") },
        new() { Name = "packages", Declared = _malformed, Read = ReadPackages },
        new()
        {
            Name = "sources",
            Declared = _malformed,
            Read = bytes =>
            {
                foreach (ControlParagraph paragraph in ControlFile.Parse(new MemoryStream(bytes), "fuzz"))
                {
                    ArchiveSourcePackage.Read(paragraph, _suite, _release);
                }
            },
        },
        new() { Name = "version", Declared = [typeof(FormatException)], Read = bytes => DebVersion.Parse(MetadataParsers.Text(bytes)).CompareTo(DebVersion.Parse("1:2.0~rc1-3")) },
        new() { Name = "apt-line", Declared = [], Read = bytes => AptEntry.ReadOneLine(MetadataParsers.Text(bytes)) },
        new()
        {
            Name = "apt-paragraph",
            Declared = _malformed,
            Read = bytes =>
            {
                foreach (ControlParagraph paragraph in ControlFile.Parse(MetadataParsers.Text(bytes), "fuzz.sources"))
                {
                    _ = AptEntry.Read(paragraph).Count();
                }
            },
        },
        new() { Name = "inrelease", Declared = _malformed, Read = bytes => _signed.Value.RequireSigned(bytes) },
        new() { Name = "pgp-certificate", Declared = _malformed, Read = bytes => OpenPgpCertificate.ReadAll(bytes, "fuzz") },
        new()
        {
            Name = "pgp-packets",
            Declared = _malformed,
            Read = bytes =>
            {
                foreach (OpenPgpPacket packet in OpenPgpPacket.ReadAll(bytes, "fuzz"))
                {
                    _ = packet.Tag == OpenPgpPacketTag.Signature
                        ? (object)OpenPgpSignature.Read(packet, "fuzz")
                        : packet.Tag is OpenPgpPacketTag.PublicKey or OpenPgpPacketTag.PublicSubkey ? OpenPgpPublicKey.Read(packet, "fuzz") : null;
                }
            },
        },
    ];

    private static void ReadPackages(byte[] bytes)
    {
        foreach (ControlParagraph paragraph in ControlFile.Parse(new MemoryStream(bytes), "fuzz"))
        {
            if (ArchivePackage.Read(paragraph, "amd64", _suite, _release) is { } package)
            {
                package.Depends();
                _ = package.Provides().Count();
                _ = package.Conflicts().Count();
                package.ToLocked([]);
            }
        }
    }
}
