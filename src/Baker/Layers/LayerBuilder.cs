using System.Security.Cryptography;
using Images.Baker.Filesystems.SquashFs;
using Images.Baker.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// Makes one layer file from an artefact's entries: prunes them, compresses what is left, and promotes a hard link whose
/// target was pruned to the file itself. The bytes depend on the entries, their order and the rules only.
/// </summary>
internal sealed class LayerBuilder : IDisposable
{
    private readonly Stream _output;
    private readonly string _name;
    private readonly PruneRules _rules;
    private readonly BlockPacker _packer;
    private readonly SortedDictionary<TreePath, LayerDraft> _kept = [];
    private readonly HashSet<TreePath> _droppedFiles = [];
    private readonly Dictionary<TreePath, TreePath> _links = [];

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
        Add(() => tree.Nodes.OrderBy(pair => pair.Value is HardLinkNode).Select(pair => LayerInput.From(pair.Key, pair.Value)));

    /// <summary>Adds a tar archive, such as <c>AddTar(package.OpenData, package.DataName)</c>.</summary>
    /// <param name="open">Opens the decompressed archive, once or twice; the builder closes it.</param>
    /// <param name="archive">For messages.</param>
    /// <exception cref="MalformedDataException">No sound archive, or an entry that an image cannot hold.</exception>
    public void AddTar(Func<Stream> open, string archive) => Add(() => LayerTarInputs.Read(open, archive));

    /// <summary>Adds an artefact's entries. They are asked for a second time only where a kept link's target was pruned.</summary>
    /// <exception cref="MalformedDataException">A hard link names no earlier file.</exception>
    public void Add(Func<IEnumerable<LayerInput>> read)
    {
        foreach (LayerInput input in read())
        {
            AddInput(input);
        }

        Dictionary<TreePath, List<TreePath>> orphans = FindOrphans();
        if (orphans.Count == 0)
        {
            return;
        }

        foreach (LayerInput input in read())
        {
            if (input.OpenContent is not null && orphans.Remove(input.Path, out List<TreePath>? names))
            {
                Promote(input, names);
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
            Entries = [.. _kept.Select(pair => pair.Value.ToIndexEntry(pair.Key))],
        });
        byte[] trailer = new byte[LayerTrailer.Size];
        new LayerTrailer(index.Length, SHA256.HashData(index)).WriteTo(trailer);
        _output.Write(index);
        _output.Write(trailer);
    }

    public void Dispose() => _packer.Dispose();

    private void AddInput(LayerInput input)
    {
        // an archive may name a path again: the later entry replaces the earlier one
        bool isFile = input.OpenContent is not null;
        bool isDropped = _rules.Drops(input.Path);
        _kept.Remove(input.Path);
        _links.Remove(input.Path);
        _droppedFiles.Remove(input.Path);
        if (input.Attributes is HardLinkNode link)
        {
            TreePath target = _links.GetValueOrDefault(link.Target, link.Target);
            _links.Add(input.Path, target);
            if (!_droppedFiles.Contains(target) && _kept.GetValueOrDefault(target)?.IsFile != true)
            {
                throw new MalformedDataException(_name, -1, $"the hard link {input.Path} names {link.Target}, which is no earlier file");
            }

            if (!isDropped)
            {
                _kept.Add(input.Path, new LayerDraft(link with { Target = target }));
            }
        }
        else if (isFile && isDropped)
        {
            _droppedFiles.Add(input.Path);
        }
        else if (isFile)
        {
            _kept.Add(input.Path, Pack(input));
        }
        else if (!isDropped || input.Attributes is DirectoryNode)
        {
            _kept.Add(input.Path, new LayerDraft(input.Attributes) { IsDropped = isDropped });
        }
    }

    private LayerDraft Pack(LayerInput input)
    {
        using Stream content = input.OpenContent!();
        PackedFile packed = _packer.Pack(content, input.Length, out Digest digest);
        return new LayerDraft(input.Attributes) { Packed = packed, Digest = digest };
    }

    /// <summary>Kept links by the pruned file they name.</summary>
    private Dictionary<TreePath, List<TreePath>> FindOrphans()
    {
        Dictionary<TreePath, List<TreePath>> orphans = [];
        foreach ((TreePath path, LayerDraft draft) in _kept)
        {
            if (draft.Attributes is HardLinkNode link && _droppedFiles.Contains(link.Target))
            {
                if (!orphans.TryGetValue(link.Target, out List<TreePath>? names))
                {
                    orphans.Add(link.Target, names = []);
                }

                names.Add(path);
            }
        }

        return orphans;
    }

    /// <summary>The first of the names becomes the file, the others links to it.</summary>
    private void Promote(LayerInput target, List<TreePath> names)
    {
        _kept[names[0]] = Pack(target);
        foreach (TreePath name in names.Skip(1))
        {
            _kept[name] = new LayerDraft(new HardLinkNode { Mode = target.Attributes.Mode, Target = names[0] });
        }
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

        foreach (TreePath path in _kept.Where(pair => pair.Value.IsDropped && !needed.Contains(pair.Key)).Select(pair => pair.Key).ToArray())
        {
            _kept.Remove(path);
        }
    }
}
