using System.Security.Cryptography;
using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tar;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Archives;

/// <summary>An archive on disk with container images: its files by path, readable in any order.</summary>
internal sealed class ContainerArchive
{
    private const int LargestDocument = OciConfig.MaximumSize;
    private readonly string _path;
    private readonly string _name;
    private readonly Dictionary<TreePath, (long Offset, long Size)> _files;
    private readonly Dictionary<TreePath, TreePath> _links;

    private ContainerArchive(
        string path, string name, Digest digest, long sizeBytes, Dictionary<TreePath, (long Offset, long Size)> files,
        Dictionary<TreePath, TreePath> links)
    {
        _path = path;
        _name = name;
        _files = files;
        _links = links;
        Digest = digest;
        SizeBytes = sizeBytes;
    }

    /// <summary>Of the whole file.</summary>
    public Digest Digest { get; }

    public long SizeBytes { get; }

    /// <summary>Reads it all and compares it with what is pinned.</summary>
    /// <exception cref="BakeException">It cannot be read, or is not what is pinned.</exception>
    public static void Require(ArchivedContainerPlan plan, Digest pinned) =>
        WithFile(plan, pinned, (_, digest) => digest);

    /// <param name="plan">Where it lies.</param>
    /// <param name="pinned">What its bytes must hash to; null to accept any.</param>
    /// <exception cref="BakeException">It cannot be read, or is not what is pinned.</exception>
    /// <exception cref="MalformedDataException">It is no plain tar archive.</exception>
    public static ContainerArchive Open(ArchivedContainerPlan plan, Digest? pinned) =>
        WithFile(plan, pinned, (stream, digest) => Read(stream, plan, digest));

    /// <summary>The image of this name, or the only one there is.</summary>
    public ContainerImage ReadImage(ContainerReference name, string architecture) =>
        Find(OciLayout.MarkFile) is not null && Find(OciLayout.IndexFile) is not null
            ? OciArchiveReader.Read(this, name, architecture)
            : Find(DockerArchiveReader.ManifestFile) is not null ? DockerArchiveReader.Read(this, name, architecture)
            : throw Malformed($"it holds neither {OciLayout.MarkFile} and {OciLayout.IndexFile} nor "
                + $"{DockerArchiveReader.ManifestFile}, so it is no archive of container images");

    /// <summary>The file at this path, links followed; null where there is none.</summary>
    public FileContent? Find(string path)
    {
        TreePath place = ParsePath(path);
        place = _links.GetValueOrDefault(place, place);
        return _files.TryGetValue(place, out (long Offset, long Size) file)
            ? new HostFileSection(_path, file.Offset, file.Size)
            : null;
    }

    /// <summary>A small file, whole.</summary>
    public byte[] ReadDocument(string path)
    {
        FileContent content = Find(path) ?? throw Malformed($"the file '{path}' is missing");
        if (content.Length > LargestDocument)
        {
            throw Malformed($"the file '{path}' has {content.Length} bytes; at most {LargestDocument} are read");
        }

        using Stream stream = content.OpenRead();
        byte[] bytes = new byte[content.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public MalformedDataException Malformed(string rule, Exception? inner = null) => new(_name, -1, rule, inner);

    private static T WithFile<T>(ArchivedContainerPlan plan, Digest? pinned, Func<FileStream, Digest, T> use)
    {
        try
        {
            using FileStream stream = new(plan.Archive, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17);
            Digest digest = Digest.FromSha256(SHA256.HashData(stream));
            if (pinned is not null && digest != pinned)
            {
                throw new BakeException(
                    "BAKE0630", plan.WrittenPath,
                    $"This is not the archive that the lock pins: expected {pinned}, found {digest}.",
                    "Restore it, or run 'baker lock' and commit the result.");
            }

            stream.Position = 0;
            return use(stream, digest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0631", plan.WrittenPath,
                $"The archive of the container image '{plan.Name}' cannot be read: {e.Message}",
                "Correct 'archive' in image.yaml.", inner: e);
        }
    }

    private static ContainerArchive Read(FileStream stream, ArchivedContainerPlan plan, Digest digest)
    {
        Dictionary<TreePath, (long Offset, long Size)> files = [];
        Dictionary<TreePath, TreePath> links = [];
        RefuseCompressed(stream, plan.WrittenPath);
        foreach (TarEntry entry in new TarReader(stream, plan.WrittenPath))
        {
            TreePath path = entry.ParsePath();
            switch (entry.Kind)
            {
                case TarEntryKind.File:
                    files[path] = (entry.Offset + TarHeader.Size, entry.Size);
                    break;
                case TarEntryKind.HardLink:
                    links[path] = entry.ParseHardLinkTarget();
                    break;
                case TarEntryKind.Symlink:
                    links[path] = SymlinkTarget(path, entry);
                    break;
                case TarEntryKind.Directory:
                    break;
                default:
                    throw new MalformedDataException(
                        plan.WrittenPath, entry.Offset,
                        $"the entry '{entry.Path}' is a {entry.Kind}, which an archive of images does not hold");
            }
        }

        return new ContainerArchive(plan.Archive, plan.WrittenPath, digest, stream.Length, files, links);
    }

    /// <summary>As of <c>docker save NAME | gzip</c>: as a tar archive it would only be a damaged one.</summary>
    private static void RefuseCompressed(FileStream stream, string name)
    {
        byte[] start = new byte[6];
        ReadOnlySpan<byte> read = start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
        stream.Position = 0;
        string? program = read.StartsWith<byte>([0x1F, 0x8B]) ? "gzip" // RFC 1952, 2.3.1
            : read.StartsWith<byte>([0xFD, .. "7zXZ"u8, 0]) ? "xz" // the xz file format, 2.1.1.1
            : read.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]) ? "zstd" // RFC 8878, 3.1.1
            : read.StartsWith("BZh"u8) ? "bzip2"
            : null;
        if (program is not null)
        {
            throw new MalformedDataException(name, 0, $"it is compressed with {program}; unpack it: {program} -d FILE");
        }
    }

    /// <summary>docker writes a layer that repeats as a link to the first one: <c>../HEX/layer.tar</c>.</summary>
    private static TreePath SymlinkTarget(TreePath link, TarEntry entry)
    {
        List<string> parts = [.. link.Parent.Value.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        foreach (string part in entry.LinkTarget.Split('/'))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                throw new MalformedDataException(
                    entry.Archive, entry.Offset, $"the link '{entry.Path}' leads out of the archive");
            }
        }

        return TreePath.Parse(string.Join('/', parts));
    }

    private TreePath ParsePath(string path)
    {
        try
        {
            return TreePath.Parse(path);
        }
        catch (FormatException e)
        {
            throw Malformed($"'{path}' is no path of a file in it", e);
        }
    }
}
