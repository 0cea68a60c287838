using System.Buffers;
using System.Buffers.Binary;
using Images.Formats.Tree;

namespace Images.Formats.Iso9660;

/// <summary>
/// One of the two hierarchies over the same files: the primary one with Rock Ridge fields, or Joliet's. Folders are
/// numbered level by level, as the path table wants them.
/// </summary>
internal sealed class Iso9660Hierarchy
{
    private const int SectorSize = Iso9660Writer.SectorSize;

    private readonly FileTree _tree;
    private readonly bool _joliet;
    private readonly RockRidgeContinuations _continuations;
    private readonly Dictionary<TreePath, int> _subfolders;
    private readonly Dictionary<TreePath, uint> _folderSectors = [];
    private readonly Dictionary<TreePath, int> _folderBytes = [];

    /// <param name="tree">The files.</param>
    /// <param name="joliet">Which hierarchy.</param>
    /// <param name="continuations">Where Rock Ridge names go that do not fit; empty for Joliet.</param>
    public Iso9660Hierarchy(FileTree tree, bool joliet, RockRidgeContinuations continuations)
    {
        _tree = tree;
        _joliet = joliet;
        _continuations = continuations;
        _subfolders = tree.Nodes.Where(pair => !pair.Key.IsRoot && pair.Value is DirectoryNode)
            .CountBy(pair => pair.Key.Parent)
            .ToDictionary();
        Folders = ListFolders(tree, joliet);
        foreach (Iso9660Folder folder in Folders)
        {
            _folderBytes[folder.Path] = MakeFolder(folder, _ => 0).Length;
        }
    }

    /// <summary>In path table order: the root, its folders, their folders, …</summary>
    public IReadOnlyList<Iso9660Folder> Folders { get; }

    public int PathTableBytes => Folders.Sum(folder => PathRecordSize(folder));

    /// <summary>Gives every folder its place and returns the first sector behind them.</summary>
    public uint Place(uint firstSector)
    {
        foreach (Iso9660Folder folder in Folders)
        {
            _folderSectors[folder.Path] = firstSector;
            firstSector += (uint)(_folderBytes[folder.Path] / SectorSize);
        }

        return firstSector;
    }

    public Iso9660DirectoryRecord RootRecord() => FolderRecord(TreePath.Root, [0], []);

    public byte[] MakePathTable(bool bigEndian)
    {
        byte[] table = new byte[PathTableBytes];
        int offset = 0;
        foreach (Iso9660Folder folder in Folders)
        {
            Span<byte> record = table.AsSpan(offset);
            record[0] = (byte)folder.Identifier.Length;
            if (bigEndian)
            {
                BinaryPrimitives.WriteUInt32BigEndian(record[2..], _folderSectors[folder.Path]);
                BinaryPrimitives.WriteUInt16BigEndian(record[6..], (ushort)folder.ParentNumber);
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(record[2..], _folderSectors[folder.Path]);
                BinaryPrimitives.WriteUInt16LittleEndian(record[6..], (ushort)folder.ParentNumber);
            }

            folder.Identifier.CopyTo(record[8..]);
            offset += PathRecordSize(folder);
        }

        return table;
    }

    /// <summary>All folders, one after the other as placed.</summary>
    public byte[] MakeFolders(Func<TreePath, uint> fileSector)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (Iso9660Folder folder in Folders)
        {
            bytes.Write(MakeFolder(folder, fileSector));
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static List<Iso9660Folder> ListFolders(FileTree tree, bool joliet)
    {
        ILookup<TreePath, TreePath> children = tree.Nodes.Keys.Where(path => !path.IsRoot).ToLookup(
            path => path.Parent);
        List<Iso9660Folder> folders = [];
        Queue<(TreePath Path, int Parent, byte[] Identifier)> waiting = new([(TreePath.Root, 1, [0])]);
        while (waiting.TryDequeue(out (TreePath Path, int Parent, byte[] Identifier) next))
        {
            IReadOnlyDictionary<string, byte[]> names = Iso9660Names.Assign(
                children[next.Path].Select(path => (path.Name, tree.Nodes[path] is DirectoryNode)), joliet);
            Iso9660Folder folder = new()
            {
                Path = next.Path,
                Number = folders.Count + 1,
                ParentNumber = next.Parent,
                Identifier = next.Identifier,
                Children =
                [
                    .. children[next.Path].Select(path => (Path: path, Identifier: names[path.Name]))
                        .OrderBy(child => Convert.ToHexString(child.Identifier), StringComparer.Ordinal),
                ],
            };
            folders.Add(folder);
            foreach ((TreePath path, byte[] identifier)
                in folder.Children.Where(child => tree.Nodes[child.Path] is DirectoryNode))
            {
                waiting.Enqueue((path, folder.Number, identifier));
            }
        }

        return folders.Count <= ushort.MaxValue
            ? folders
            : throw new ContentException(
                "BAKE0522", "the ISO image", "has more than 65,535 folders.", "Put fewer folders into it.");
    }

    private static int PathRecordSize(Iso9660Folder folder) =>
        8 + folder.Identifier.Length + (folder.Identifier.Length % 2);

    private byte[] MakeFolder(Iso9660Folder folder, Func<TreePath, uint> fileSector)
    {
        TreePath parent = folder.Path.IsRoot ? folder.Path : folder.Path.Parent;
        List<Iso9660DirectoryRecord> records =
        [
            FolderRecord(folder.Path, [0], SystemUse(folder.Path, "", folder.Path.IsRoot)),
            FolderRecord(parent, [1], SystemUse(parent, "", false)),
        ];
        foreach ((TreePath path, byte[] identifier) in folder.Children)
        {
            byte[] systemUse = SystemUse(path, path.Name, false, identifier.Length);
            records.Add(_tree.Nodes[path] is FileNode file
                ? new Iso9660DirectoryRecord
                {
                    Identifier = identifier,
                    FirstSector = fileSector(path),
                    SizeBytes = (uint)file.Content.Length,
                    ModifiedUnixSeconds = file.ModifiedUnixSeconds,
                    IsDirectory = false,
                    SystemUse = systemUse,
                }
                : FolderRecord(path, identifier, systemUse));
        }

        return Lay(records);
    }

    private Iso9660DirectoryRecord FolderRecord(TreePath path, byte[] identifier, byte[] systemUse) => new()
    {
        Identifier = identifier,
        FirstSector = _folderSectors.GetValueOrDefault(path),
        SizeBytes = (uint)_folderBytes.GetValueOrDefault(path),
        ModifiedUnixSeconds = _tree.Nodes[path].ModifiedUnixSeconds,
        IsDirectory = true,
        SystemUse = systemUse,
    };

    private byte[] SystemUse(TreePath path, string name, bool first, int identifierLength = 1)
    {
        if (_joliet)
        {
            return [];
        }

        TreeNode node = _tree.Nodes[path];
        int links = node is DirectoryNode ? 2 + _subfolders.GetValueOrDefault(path) : 1;
        byte[] common = [.. RockRidgeFields.Attributes(node, links), .. RockRidgeFields.Times(node)];
        return first
            ? [.. RockRidgeFields.SharingProtocol(), .. common, .. RockRidgeFields.ExtensionReference()]
            : name.Length == 0 ? common :
            [
                .. common,
                .. _continuations.NameOrPointer(
                    name, Iso9660DirectoryRecord.RoomForSystemUse(identifierLength) - common.Length),
            ];
    }

    /// <summary>A record does not cross the end of a sector (ECMA-119 6.8.1.1).</summary>
    private static byte[] Lay(List<Iso9660DirectoryRecord> records)
    {
        List<int> offsets = [];
        int offset = 0;
        foreach (Iso9660DirectoryRecord record in records)
        {
            if ((offset % SectorSize) + record.Size > SectorSize)
            {
                offset = (offset + SectorSize - 1) / SectorSize * SectorSize;
            }

            offsets.Add(offset);
            offset += record.Size;
        }

        byte[] bytes = new byte[(offset + SectorSize - 1) / SectorSize * SectorSize];
        for (int i = 0; i < records.Count; i++)
        {
            records[i].WriteTo(bytes.AsSpan(offsets[i]));
        }

        return bytes;
    }
}
