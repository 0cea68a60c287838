using System.Text;
using Images.Baker.Clusters;
using Images.Baker.Tests.Inspect;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.Launcher;
using Images.Launcher.Hosts;
using Images.Launcher.Roots;
using Images.TestSupport;

namespace Images.Baker.Tests.Launcher;

/// <summary>
/// Roots unpacked into the cache: whole, shared by content, and gone again, whomever their files belong to.
/// </summary>
public sealed class RootStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notices = [];
    private readonly IdRange _ids = HostCheck.RequireIds();

    [Fact]
    public void A_root_is_unpacked_as_the_image_has_it()
    {
        string image = Image("a.raw");
        using RootLease root = Store().Obtain(image, _notices.Add);
        using DiskImage disk = DiskImage.Open(image);
        using PartitionStream slot = disk.OpenPartition(RootFile.Slot);
        FileTree tree = SquashFsReader.Read(slot, image).Tree;
        foreach ((TreePath path, TreeNode node) in tree.Nodes)
        {
            string place = Path.Combine(root.Folder, path.ToString().TrimStart('/'));
            TreeNode meant = node is HardLinkNode link ? tree.Nodes[link.Target] : node;
            Stat("%a %u %g %Y", place).ShouldBe(
                $"{Convert.ToString(meant.Mode, 8)} {_ids.UserOf(meant.Uid)} {_ids.GroupOf(meant.Gid)} {meant.ModifiedUnixSeconds}",
                place);
            if (meant is FileNode file)
            {
                using Stream stream = file.Content.OpenRead();
                byte[] bytes = new byte[file.Content.Length];
                stream.ReadExactly(bytes);
                File.ReadAllBytes(place).ShouldBe(bytes, place);
            }
            else if (meant is SymlinkNode symlink)
            {
                new FileInfo(place).LinkTarget.ShouldBe(symlink.Target);
            }
        }

        Stat("%i", Path.Combine(root.Folder, "usr/lib/extra/again"))
            .ShouldBe(Stat("%i", Path.Combine(root.Folder, "usr/lib/extra/data")));
    }

    [Fact]
    public void A_second_image_costs_the_files_that_differ()
    {
        RootStore store = Store();
        using RootLease first = store.Obtain(Image("a.raw"), _notices.Add);
        int before = ObjectCount();
        // a small file that became longer moves every tail behind it in its fragment block
        using RootLease second = store.Obtain(
            Image(
                "b.raw",
                root =>
                    root.AddFile(
                        "usr/bin/a-first-of-all", new MemoryContent(Encoding.UTF8.GetBytes("more than nothing")))),
            _notices.Add);
        second.Name.ShouldNotBe(first.Name);
        ObjectCount().ShouldBe(before + 1);
        Stat("%i", Path.Combine(second.Folder, "usr/lib/extra/data"))
            .ShouldBe(Stat("%i", Path.Combine(first.Folder, "usr/lib/extra/data")));
    }

    [Fact]
    public void The_same_root_is_unpacked_once_even_by_two_at_the_same_time()
    {
        string image = Image("a.raw");
        RootLease[] both = new RootLease[2];
        Parallel.For(0, 2, i => both[i] = Store().Obtain(image, text =>
        {
            lock (_notices)
            {
                _notices.Add(text);
            }
        }));
        both[0].Folder.ShouldBe(both[1].Folder);
        _notices.ShouldHaveSingleItem().ShouldContain("unpacked in");
        Array.ForEach(both, lease => lease.Dispose());
    }

    [Fact]
    public void A_root_that_nobody_has_used_for_long_goes_with_the_files_that_only_it_had()
    {
        RootStore store = Store();
        RootLease first = store.Obtain(Image("a.raw"), _notices.Add);
        RootLease second = store.Obtain(
            Image("b.raw", root => root.AddFile("usr/bin/only-here", new MemoryContent("only"u8.ToArray()))),
            _notices.Add);
        first.Dispose();
        store.Sweep(DateTime.UtcNow.AddHours(1)).ShouldBe(1);
        Directory.Exists(first.Folder).ShouldBeFalse();
        Directory.Exists(second.Folder).ShouldBeTrue();

        second.Dispose();
        store.Sweep(DateTime.UtcNow.AddHours(-1)).ShouldBe(0);
        store.Sweep(DateTime.UtcNow.AddHours(1)).ShouldBe(1);
        Directory.GetDirectories(store.Trees).ShouldBeEmpty();
        ObjectCount().ShouldBe(0);
    }

    [Fact]
    public void What_a_killed_program_left_half_unpacked_is_replaced()
    {
        RootStore store = Store();
        string image = Image("a.raw");
        string name;
        using (RootLease lease = store.Obtain(image, _notices.Add))
        {
            name = lease.Name;
        }

        Directory.Move(Path.Combine(store.Trees, name), Path.Combine(store.Trees, "." + name));
        using RootLease again = store.Obtain(image, _notices.Add);
        File.Exists(Path.Combine(again.Folder, "usr/lib/extra/data")).ShouldBeTrue();
        Directory.GetDirectories(store.Trees).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_root_that_a_node_wrote_is_the_same_root_and_every_changed_byte_of_it_is_found_before_it_is_unpacked()
    {
        RootStore store = Store();
        string image = Image("a.raw"), alone = _folder["root-b"];
        byte[] slot;
        int data;
        using (RootFile root = RootFile.Open(image))
        {
            data = (int)RootIdentity.Of(root.Content).Verity.HashOffsetBytes;
            slot = new byte[root.Content.Length];
            root.Content.Position = 0;
            root.Content.ReadExactly(slot);
        }

        foreach (int place in (int[])[100, 5000, data / 2, data - 1, data + 100])
        {
            byte[] changed = [.. slot];
            changed[place] ^= 1;
            File.WriteAllBytes(alone, changed);
            Exception refused = Should.Throw<Exception>(() => store.ObtainWritten(alone, _notices.Add));
            (refused is MalformedDataException or EndOfStreamException).ShouldBeTrue(refused.ToString());
        }

        foreach (int length in (int[])[0, 3, 95, 4096, data / 2, data])
        {
            File.WriteAllBytes(alone, slot[..length]);
            Exception refused = Should.Throw<Exception>(() => store.ObtainWritten(alone, _notices.Add));
            (refused is MalformedDataException or IOException).ShouldBeTrue(refused.ToString());
        }

        Directory.GetDirectories(store.Trees).ShouldBeEmpty();
        File.WriteAllBytes(alone, slot);
        using RootLease written = store.ObtainWritten(alone, _notices.Add);
        using RootLease baked = store.Obtain(image, _notices.Add);
        (written.Name, written.RootHash).ShouldBe((baked.Name, baked.RootHash));
    }

    [Fact]
    public void Owners_that_would_be_somebody_else_of_this_machine_are_refused()
    {
        string image = Image("a.raw", root => root.AddFile("usr/bin/mine", new MemoryContent("x"u8.ToArray()), uid: 70_000));
        Should.Throw<LauncherException>(() => Store().Obtain(image, _notices.Add));
        File.Exists(Path.Combine(Store().Trees, "usr/bin/mine")).ShouldBeFalse();
    }

    public void Dispose()
    {
        InRange.Run(_ids, ["/bin/rm", "-rf", Cache], TimeSpan.FromMinutes(1));
        _folder.Dispose();
    }

    private string Cache => _folder["cache"];

    private RootStore Store() => new(
        Cache,
        _ids,
        [
            Judge.Find("dotnet"),
            Path.Combine(AppContext.BaseDirectory, "baker.dll"),
            "cluster",
            SupervisorCommand.UnpackVerb,
        ]);

    private string Image(string name, Action<FileTreeBuilder>? change = null)
    {
        SampleDisk.Write(_folder[name], change);
        return _folder[name];
    }

    private int ObjectCount() => Directory.EnumerateFiles(Cache, "*", SearchOption.AllDirectories)
        .Count(path => path.Contains("/objects/", StringComparison.Ordinal));

    private static string Stat(string format, string path) => Judge.Run("stat", "--format", format, path).Trim();
}
