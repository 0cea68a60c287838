using Images.Baker.Tree;

namespace Images.Baker.Filesystems.SquashFs;

/// <summary>
/// The blocks and fragments of an image: first those copied from layers, layer by layer in the order in which the
/// sorted tree first uses them, then those compressed here in the tree's order. Equal contents are stored once.
/// </summary>
internal sealed class SquashFsDataArea
{
    private readonly Dictionary<Digest, StoredFile> _files = [];
    private readonly List<SquashFsFragment> _fragments = [];

    public IReadOnlyList<SquashFsFragment> Fragments => _fragments;

    public int ContentCount => _files.Count;

    public long CopiedBytes { get; private set; }

    public static SquashFsDataArea Write(FileTree tree, Stream output, long origin, int workerCount)
    {
        SquashFsDataArea area = new();
        List<FileContent> distinct = Distinct(tree);
        long copyStart = output.Position;
        foreach (IGrouping<SquashFsBlockSource, StoredContent> group in distinct.OfType<StoredContent>().Where(IsCopyable).GroupBy(content => content.Source))
        {
            area.Copy(group.Key, [.. group], output, origin);
        }

        area.CopiedBytes = output.Position - copyStart;
        area.Compress(distinct.Where(content => !IsCopyable(content)), output, origin, workerCount);
        return area;
    }

    public StoredFile Find(FileContent content) => _files[content.Digest];

    /// <summary>The first of equal contents in the tree's order stands for all.</summary>
    private static List<FileContent> Distinct(FileTree tree)
    {
        HashSet<Digest> seen = [];
        List<FileContent> distinct = [];
        foreach (TreeNode node in tree.Nodes.Values)
        {
            if (node is FileNode file && seen.Add(file.Content.Digest))
            {
                distinct.Add(file.Content);
            }
        }

        return distinct;
    }

    private static bool IsCopyable(FileContent content) => content is StoredContent { Source.BlockSize: SquashFsConstants.BlockSize };

    /// <summary>Copies what the files use of one source, neighbours in one go; the files keep their places relative to each other.</summary>
    private void Copy(SquashFsBlockSource source, IReadOnlyList<StoredContent> contents, Stream output, long origin)
    {
        int[] usedFragments = [.. contents.Select(content => content.Stored.Fragment).Where(index => index >= 0).Distinct().Order()];
        StoredExtents extents = StoredExtents.Of(
            contents.Select(content => (content.Stored.StartOffset, content.Stored.StoredLength))
                .Concat(usedFragments.Select(index => (source.Fragments[index].StartOffset, (long)source.Fragments[index].StoredLength))));
        extents.CopyTo(source, output, origin);

        Dictionary<int, int> newFragments = [];
        foreach (int index in usedFragments)
        {
            newFragments.Add(index, _fragments.Count);
            _fragments.Add(source.Fragments[index] with { StartOffset = extents.Map(source.Fragments[index].StartOffset) });
        }

        foreach (StoredContent content in contents)
        {
            StoredFile stored = content.Stored;
            _files.Add(content.Digest, stored with
            {
                StartOffset = stored.StoredLength == 0 ? 0 : extents.Map(stored.StartOffset),
                Fragment = stored.Fragment < 0 ? -1 : newFragments[stored.Fragment],
            });
        }
    }

    private void Compress(IEnumerable<FileContent> contents, Stream output, long origin, int workerCount)
    {
        using BlockPacker packer = new(output, origin, _fragments.Count, workerCount);
        List<(Digest Digest, PackedFile File)> packed = [];
        foreach (FileContent content in contents)
        {
            using Stream stream = content.OpenRead();
            packed.Add((content.Digest, packer.Pack(stream, content.Length, out Digest digest)));
            if (digest != content.Digest)
            {
                throw new BakeException(
                    "BAKE0505", content.Digest.ToString(), "A file changed while it was read.", "Bake again with the file at rest.");
            }
        }

        packer.Complete();
        _fragments.AddRange(packer.Fragments);
        foreach ((Digest digest, PackedFile file) in packed)
        {
            _files.Add(digest, file.ToStored());
        }
    }
}
