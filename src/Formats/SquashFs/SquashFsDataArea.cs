using Images.Formats.Tree;

namespace Images.Formats.SquashFs;

/// <summary>
/// The blocks and fragments of an image: first those compressed here in the tree's order, then those copied from
/// layers, layer by layer in the order in which the sorted tree first uses them. Equal contents are stored once.
/// </summary>
internal sealed class SquashFsDataArea
{
    private readonly Dictionary<Digest, StoredFile> _files = [];
    private readonly List<SquashFsFragment> _fragments = [];
    private readonly List<(SquashFsBlockSource Source, StoredExtents Extents)> _copies = [];

    public IReadOnlyList<SquashFsFragment> Fragments => _fragments;

    public int ContentCount => _files.Count;

    /// <summary>Bytes that <see cref="CopyLayers"/> writes.</summary>
    public long CopiedBytes { get; private set; }

    /// <summary>
    /// Compresses to the output's position what no layer holds, and places behind it what layers hold: all places are
    /// known then, and <see cref="CopyLayers"/> may run while metadata is made.
    /// </summary>
    public static SquashFsDataArea Write(FileTree tree, Stream output, long origin, int workerCount)
    {
        SquashFsDataArea area = new();
        List<FileContent> distinct = Distinct(tree);
        area.Compress(distinct.Where(content => !IsCopyable(content)), output, origin, workerCount);
        long start = output.Position - origin;
        long end = start;
        foreach (IGrouping<SquashFsBlockSource, StoredContent> group
            in distinct.OfType<StoredContent>().Where(IsCopyable).GroupBy(content => content.Source))
        {
            end = area.Place(group.Key, [.. group], end);
        }

        area.CopiedBytes = end - start;
        return area;
    }

    /// <summary>Copies what was placed to the output's position.</summary>
    public void CopyLayers(Stream output)
    {
        foreach ((SquashFsBlockSource source, StoredExtents extents) in _copies)
        {
            extents.CopyTo(source, output);
        }
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

    private static bool IsCopyable(FileContent content) =>
        content is StoredContent { Source.BlockSize: SquashFsConstants.BlockSize };

    /// <summary>
    /// Places what the files use of one source, neighbours in one stretch; returns the place behind it.
    /// </summary>
    private long Place(SquashFsBlockSource source, IReadOnlyList<StoredContent> contents, long start)
    {
        int[] usedFragments =
            [.. contents.Select(content => content.Stored.Fragment).Where(index => index >= 0).Distinct().Order()];
        StoredExtents extents = StoredExtents.Of(
            contents.Select(content => (content.Stored.StartOffset, content.Stored.StoredLength))
                .Concat(
                    usedFragments.Select(
                        index => (source.Fragments[index].StartOffset, (long)source.Fragments[index].StoredLength))));
        long end = extents.PlaceAt(start);
        _copies.Add((source, extents));

        Dictionary<int, int> newFragments = [];
        foreach (int index in usedFragments)
        {
            newFragments.Add(index, _fragments.Count);
            _fragments.Add(
                source.Fragments[index] with { StartOffset = extents.Map(source.Fragments[index].StartOffset) });
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

        return end;
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
                throw new ContentException(
                    "BAKE0505",
                    content.Digest.ToString(),
                    "A file changed while it was read.",
                    "Bake again with the file at rest.");
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
