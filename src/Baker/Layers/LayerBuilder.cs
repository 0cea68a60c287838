using System.Security.Cryptography;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// Makes one layer file from an artefact's entries: prunes them, compresses what is left, and promotes a
/// hard link whose target was pruned or replaced to the file itself. The bytes depend on the entries,
/// their order and the rules only.
/// </summary>
internal sealed class LayerBuilder : IDisposable
{
    private readonly Stream _output;
    private readonly string _name;
    private readonly PruneRules _rules;
    private readonly BlockPacker _packer;
    private readonly SortedDictionary<TreePath, LayerDraft> _kept = [];
    private readonly Dictionary<TreePath, LayerInode> _inodes = [];
    private int _entries;

    /// <param name="output">An empty stream that can be read back; the layer fills it.</param>
    /// <param name="name">The artefact, for messages.</param>
    /// <param name="rules">What stays out.</param>
    /// <param name="workerCount">Threads that compress.</param>
    public LayerBuilder(Stream output, string name, PruneRules rules, int workerCount)
    {
        _output = output;
        _name = name;
        _rules = rules;
        _packer = new BlockPacker(output, origin: 0, firstFragment: 0, workerCount);
    }

    /// <summary>Adds files of our own.</summary>
    public void AddTree(FileTree tree) =>
        Add(() => tree.Nodes
            .OrderBy(pair => pair.Value is HardLinkNode)
            .Select(pair => LayerInput.From(pair.Key, pair.Value)));

    /// <summary>Adds a tar archive, such as <c>AddTar(package.OpenData, package.DataName)</c>.</summary>
    /// <param name="open">Opens the decompressed archive, once or twice; the builder closes it.</param>
    /// <param name="archive">For messages.</param>
    /// <param name="cancellationToken">Asked at each entry.</param>
    /// <exception cref="MalformedDataException">No sound archive, or an entry that an image cannot hold.</exception>
    public void AddTar(Func<Stream> open, string archive, CancellationToken cancellationToken = default) =>
        Add(() => LayerTarInputs.Read(open, archive, cancellationToken));

    /// <summary>
    /// Adds an artefact's entries. They are asked for a second time only where a kept link's target was pruned.
    /// </summary>
    /// <exception cref="MalformedDataException">A hard link names no earlier file.</exception>
    public void Add(Func<IEnumerable<LayerInput>> read)
    {
        int first = _entries;
        foreach (LayerInput input in read())
        {
            AddInput(input, _entries++);
        }

        Dictionary<int, LayerInode> left = _kept.Values
            .Select(draft => draft.Inode)
            .OfType<LayerInode>()
            .Where(inode => inode.Packed is null)
            .Distinct()
            .ToDictionary(inode => inode.Entry);
        foreach ((int entry, LayerInput input) in left.Count == 0 ? [] : read().Index())
        {
            if (left.Remove(first + entry, out LayerInode? inode))
            {
                Pack(input, inode);
            }
        }
    }

    /// <summary>Writes the rest: blocks under way, the index, the trailer.</summary>
    public void Complete()
    {
        _packer.Complete();
        DropEmptyDirectories();
        long blocksLength = _output.Position;
        LayerChecksum checksum = LayerChecksum.OfWhole(_output);
        byte[] index = LayerIndexWriter.Encode(new LayerIndex
        {
            BlocksLength = blocksLength,
            BlocksChecksum = checksum,
            Fragments = _packer.Fragments,
            Entries = [.. ToIndexEntries()],
        });
        byte[] trailer = new byte[LayerTrailer.Size];
        new LayerTrailer(index.Length, SHA256.HashData(index)).WriteTo(trailer);
        _output.Write(index);
        _output.Write(trailer);
    }

    public void Dispose() => _packer.Dispose();

    /// <summary>
    /// An archive may name a path again: the later entry takes the name, and a file keeps the names
    /// it has left, as under tar.
    /// </summary>
    private void AddInput(LayerInput input, int entry)
    {
        LayerInode? inode = input.OpenContent is not null
            ? new LayerInode(entry, input.Path, input.Attributes)
            : input.Attributes is HardLinkNode link ? FileNamed(link.Target, input.Path) : null;
        bool isDropped = _rules.Drops(input.Path);
        _kept.Remove(input.Path);
        _inodes.Remove(input.Path);
        if (inode is not null)
        {
            _inodes.Add(input.Path, inode);
        }

        if (!isDropped || (inode is null && input.Attributes is DirectoryNode))
        {
            _kept.Add(input.Path, new LayerDraft(input.Attributes) { Inode = inode, IsDropped = isDropped });
        }

        if (input.OpenContent is not null && !isDropped)
        {
            Pack(input, inode!);
        }
    }

    private LayerInode FileNamed(TreePath target, TreePath link) => _inodes.GetValueOrDefault(target)
        ?? throw new MalformedDataException(
            _name, -1, $"the hard link {link} names {target}, which is no earlier file");

    private void Pack(LayerInput input, LayerInode inode)
    {
        using Stream content = input.OpenContent!();
        inode.Packed = _packer.Pack(content, input.Length, out Digest digest);
        inode.Digest = digest;
    }

    /// <summary>
    /// A file's first name stands for it; where that is pruned or taken by a later entry, the first in path order.
    /// </summary>
    private IEnumerable<LayerIndexEntry> ToIndexEntries()
    {
        Dictionary<LayerInode, TreePath> owners = [];
        foreach ((TreePath path, LayerDraft draft) in _kept.Where(pair => pair.Value.Inode is not null))
        {
            if (!owners.TryAdd(draft.Inode!, path) && path == draft.Inode!.FirstName)
            {
                owners[draft.Inode] = path;
            }
        }

        return _kept.Select(
            pair => pair.Value.ToIndexEntry(pair.Key, pair.Value.Inode is { } inode ? owners[inode] : pair.Key));
    }

    private void DropEmptyDirectories()
    {
        HashSet<TreePath> needed = [];
        foreach ((TreePath path, LayerDraft draft) in _kept)
        {
            for (TreePath above = path; !draft.IsDropped && !above.IsRoot && needed.Add(above.Parent);)
            {
                above = above.Parent;
            }
        }

        foreach (TreePath path in _kept
            .Where(pair => pair.Value.IsDropped && !needed.Contains(pair.Key))
            .Select(pair => pair.Key)
            .ToArray())
        {
            _kept.Remove(path);
        }
    }
}
