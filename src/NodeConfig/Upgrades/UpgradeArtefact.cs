using Images.Formats;
using Images.Formats.Tar;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// An upgrade as it is read from a stream, forwards and once: a tar archive of <c>manifest.json</c>, perhaps
/// <c>manifest.sig</c>, <c>uki.efi</c> and <c>root</c>, in exactly this order; a delta has <c>uki.delta</c> and
/// <c>root.delta</c> in their places. No part is held in memory but manifest and signature, and each has the length and
/// the digest that the manifest gives it.
/// </summary>
public sealed class UpgradeArtefact : IDisposable
{
    public const string ManifestName = "manifest.json";
    public const string SignatureName = "manifest.sig";
    public const string UkiName = "uki.efi";
    public const string RootName = "root";
    public const string UkiDeltaName = "uki.delta";
    public const string RootDeltaName = "root.delta";

    public const int MaximumSignatureBytes = 4 << 10;

    private readonly IEnumerator<TarEntry> _entries;
    private readonly string _file;
    private UpgradePart? _part;
    private bool _stands; // on an entry that is not taken yet

    private UpgradeArtefact(IEnumerator<TarEntry> entries, string file)
    {
        _entries = entries;
        _file = file;
        ManifestBytes = ReadManifest();
        Manifest = UpgradeManifest.FromJson(ManifestBytes, $"{file}, {ManifestName}");
        Signature = ReadSignatureIfAny();
    }

    public UpgradeManifest Manifest { get; }

    /// <summary>What a signature is of.</summary>
    public ReadOnlyMemory<byte> ManifestBytes { get; }

    /// <summary>Empty where there is none.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The name of the part that makes the root.</summary>
    public string RootPart => Manifest.Delta is null ? RootName : RootDeltaName;

    /// <summary>Reads manifest and signature and nothing behind them.</summary>
    /// <param name="stream">Need not be seekable. Left open.</param>
    /// <param name="file">For errors.</param>
    /// <exception cref="MalformedDataException">It is no upgrade.</exception>
    public static UpgradeArtefact Open(Stream stream, string file)
    {
        IEnumerator<TarEntry> entries = new TarReader(stream, file).GetEnumerator();
        try
        {
            return new UpgradeArtefact(entries, file);
        }
        catch
        {
            entries.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The kernel image, or of a delta its instructions, forwards; to be read to its end. Its last bytes come only if
    /// the digest of all is right.
    /// </summary>
    /// <exception cref="MalformedDataException">Now or while it is read: what stands there is another part.</exception>
    public Stream OpenUki() => Manifest.Delta is { } delta
        ? Open(UkiDeltaName, delta.UkiBytes, delta.UkiSha256)
        : Open(UkiName, Manifest.UkiBytes, Manifest.UkiSha256);

    /// <summary>The root, or of a delta its instructions, after the kernel image was read; in the same way.</summary>
    /// <inheritdoc cref="OpenUki"/>
    public Stream OpenRoot() => Manifest.Delta is { } delta
        ? Open(RootDeltaName, delta.Bytes, delta.Sha256)
        : Open(RootName, Manifest.RootBytes, Manifest.RootSha256);

    /// <summary>After the last part: nothing else may follow, and the stream is read to its own end.</summary>
    /// <exception cref="MalformedDataException">Something follows, or the end is missing.</exception>
    public void Finish()
    {
        RequirePartRead();
        if (Next() is { } entry)
        {
            throw new MalformedDataException(
                _file, entry.Offset, $"'{entry.Path}' follows {RootPart}, with which an upgrade ends.");
        }
    }

    public void Dispose()
    {
        _part?.Dispose();
        _entries.Dispose();
    }

    private ReadOnlyMemory<byte> ReadManifest() => ReadSmall(Take(ManifestName), UpgradeManifest.MaximumBytes);

    private ReadOnlyMemory<byte> ReadSignatureIfAny() => Next() is { Path: SignatureName }
        ? ReadSmall(Take(SignatureName), MaximumSignatureBytes)
        : ReadOnlyMemory<byte>.Empty;

    private UpgradePart Open(string name, long bytes, string sha256)
    {
        RequirePartRead();
        TarEntry entry = Take(name);
        if (entry.Size != bytes)
        {
            throw new MalformedDataException(
                _file, entry.Offset, $"{name} has {entry.Size} bytes; the manifest promises {bytes}.");
        }

        _part?.Dispose();
        return _part = new UpgradePart(entry.Content, bytes, sha256, $"{_file}, {name}");
    }

    private void RequirePartRead()
    {
        if (_part is { IsRead: false })
        {
            throw new InvalidOperationException("The part before was not read to its end.");
        }
    }

    private TarEntry Take(string name)
    {
        TarEntry entry = Next()
            ?? throw new MalformedDataException(_file, -1, $"the upgrade ends where {name} should stand.");
        if (entry.Path != name || entry.Kind != TarEntryKind.File)
        {
            throw new MalformedDataException(
                _file, entry.Offset, $"'{entry.Path}' stands where the file {name} should: it is no upgrade.");
        }

        _stands = false;
        return entry;
    }

    private TarEntry? Next()
    {
        _stands = _stands || _entries.MoveNext();
        return _stands ? _entries.Current : null;
    }

    private byte[] ReadSmall(TarEntry entry, int maximum)
    {
        if (entry.Size > maximum)
        {
            throw new MalformedDataException(
                _file, entry.Offset, $"{entry.Path} has {entry.Size} bytes; at most {maximum} are supported.");
        }

        byte[] bytes = new byte[entry.Size];
        entry.Content.ReadExactly(bytes);
        return bytes;
    }
}
