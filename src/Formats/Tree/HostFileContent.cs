namespace Images.Formats.Tree;

/// <summary>
/// A file of the machine that bakes, such as the published bootstrapper. Its digest is taken when asked for.
/// </summary>
public sealed class HostFileContent : FileContent
{
    private readonly string _path;
    private readonly Lazy<Digest> _digest;

    public HostFileContent(string path)
    {
        _path = path;
        Length = new FileInfo(path).Length;
        _digest = new Lazy<Digest>(() =>
        {
            using Stream stream = OpenRead();
            return Digest.FromSha256(System.Security.Cryptography.SHA256.HashData(stream));
        });
    }

    public override long Length { get; }

    public override Digest Digest => _digest.Value;

    public override Stream OpenRead() => File.OpenRead(_path);
}
