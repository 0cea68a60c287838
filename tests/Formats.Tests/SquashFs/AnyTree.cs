using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.SquashFs;

/// <summary>Trees for property tests: nodes of all kinds, contents at and around the borders of blocks, deep folders and full ones.</summary>
internal static class AnyTree
{
    private static readonly int[] _sizes =
    [
        0, 1, 2, 4095, 8191, 8192, 8193, SquashFsConstants.BlockSize - 1, SquashFsConstants.BlockSize, SquashFsConstants.BlockSize + 1,
        (2 * SquashFsConstants.BlockSize) - 1, 2 * SquashFsConstants.BlockSize, (2 * SquashFsConstants.BlockSize) + 1,
    ];

    public static Arbitrary<FileTree> Arbitrary => Drawn().Select(Make).ToArbitrary();

    private static Gen<(byte, int, int, int)[]> Drawn()
    {
        Gen<byte> kinds = Gen.Choose(0, 9).Select(kind => (byte)kind);
        Gen<(byte Kind, int Folder, int Size, int Seed)> node =
            from kind in kinds
            from folder in Gen.Choose(0, 400)
            from size in Gen.Elements(_sizes)
            from seed in Gen.Choose(0, 1000)
            select (kind, folder, size, seed);
        Gen<(byte, int, int, int)[]> few = Gen.Choose(0, 60).SelectMany(count => Gen.ArrayOf(node, count));

        // a directory's listing takes a new header after 256 entries, and its inode an index
        Gen<(byte, int, int, int)> small = Gen.Zip(kinds, Gen.Choose(0, 1000)).Select(drawn => (drawn.Item1, 0, drawn.Item2 % 3, drawn.Item2));
        Gen<(byte, int, int, int)[]> many = Gen.Choose(257, 600).SelectMany(count => Gen.ArrayOf(small, count));
        return Gen.Frequency((7, few), (1, many));
    }

    private static FileTree Make((byte Kind, int Folder, int Size, int Seed)[] nodes)
    {
        FileTreeBuilder builder = new(SquashFsImages.Time);
        TreePath? target = null;
        for (int i = 0; i < nodes.Length; i++)
        {
            (byte kind, int folder, int size, int seed) = nodes[i];
            string parent = folder < 300 ? $"many/{folder % 3}" : string.Join('/', Enumerable.Repeat($"level{folder % 5}", folder % 20));
            TreePath path = TreePath.Parse($"{parent}/n{i}-{new string((char)('a' + (seed % 20)), seed % 200)}\U0001F600\uE000");
            int mode = seed * 4 % 4096;
            TreeNode made = kind switch
            {
                0 => new DirectoryNode { Mode = mode },
                1 => new SymlinkNode { Mode = 0x1FF, Target = Encoding.ASCII.GetString(SampleData.Letters(1 + seed, seed)) },
                2 => new DeviceNode { Mode = mode, Kind = seed % 2 == 0 ? DeviceKind.Block : DeviceKind.Character, Major = seed, Minor = seed * 1000 },
                3 when target is not null => new HardLinkNode { Mode = 0, Target = target.Value },
                4 => new FileNode { Mode = mode, Content = new MemoryContent(new byte[size]) },
                _ => new FileNode { Mode = mode, Content = new MemoryContent(SampleData.Letters(size, seed % 50)) },
            };
            target = made is FileNode ? path : target;
            builder.Set(path, made with { Uid = seed * 65, Gid = folder, ModifiedUnixSeconds = seed * 4_000_000L });
        }

        return builder.Build();
    }
}
