using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Tree;

public class TreeMergerTests
{
    [Fact]
    public void Directories_of_two_packages_merge()
    {
        MergedTree merged = Merge(Layer("a", b => b.AddText("usr/share/x/a", "a")), Layer("b", b => b.AddText("usr/share/x/b", "b")));

        FileTree tree = merged.Tree.Build();
        tree.ReadFile("usr/share/x/a").ShouldBe("a"u8.ToArray());
        tree.ReadFile("usr/share/x/b").ShouldBe("b"u8.ToArray());
        merged.Owners[TreePath.Parse("usr/share/x/b")].ShouldBe("b");
    }

    [Fact]
    public void A_file_that_two_packages_bring_with_other_content_is_refused_with_both_names()
    {
        BakeException refusal = Should.Throw<BakeException>(() =>
            Merge(Layer("first", b => b.AddText("etc/motd", "one")), Layer("second", b => b.AddText("etc/motd", "two"))));

        refusal.Code.ShouldBe("BAKE0408");
        refusal.Message.ShouldContain("'first'");
        refusal.Message.ShouldContain("'second'");
        refusal.Message.ShouldContain("/etc/motd");
    }

    [Fact]
    public void The_same_content_twice_is_no_conflict() =>
        Merge(Layer("a", b => b.AddText("etc/motd", "one")), Layer("b", b => b.AddText("etc/motd", "one")))
            .Owners[TreePath.Parse("etc/motd")].ShouldBe("a");

    [Fact]
    public void The_same_content_with_another_mode_is_a_conflict() =>
        Should.Throw<BakeException>(() => Merge(
            Layer("a", b => b.AddText("bin/x", "one", mode: 0b111_101_101)),
            Layer("b", b => b.AddText("bin/x", "one", mode: 0b100_111_101_101))));

    [Fact]
    public void A_rule_names_the_winner_whatever_its_name_is()
    {
        MergeRules rules = new([KeyValuePair.Create(TreePath.Parse("etc/motd"), "m")]);
        TreeLayer[] layers = [Layer("a", b => b.AddText("etc/motd", "1")), Layer("m", b => b.AddText("etc/motd", "2")), Layer("z", b => b.AddText("etc/motd", "3"))];

        MergedTree merged = TreeMerger.Merge(layers, rules, 0);

        merged.Tree.Build().ReadFile("etc/motd").ShouldBe("2"u8.ToArray());
        merged.Owners[TreePath.Parse("etc/motd")].ShouldBe("m");
    }

    [Fact]
    public void A_rule_whose_winner_is_absent_decides_nothing()
    {
        MergeRules rules = new([KeyValuePair.Create(TreePath.Parse("etc/motd"), "absent")]);
        Should.Throw<BakeException>(() => TreeMerger.Merge(
            [Layer("a", b => b.AddText("etc/motd", "1")), Layer("b", b => b.AddText("etc/motd", "2"))], rules, 0));
    }

    [Fact]
    public void Paths_through_the_merged_links_land_in_usr()
    {
        MergedTree merged = Merge(
            Layer("base-files", b => b.AddSymlink("bin", "usr/bin")),
            Layer("old", b =>
            {
                b.AddDirectory("bin");
                b.AddText("bin/tool", "t");
                b.AddText("lib/x86_64-linux-gnu/lib.so", "l");
                b.Set(TreePath.Parse("bin/same"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("bin/tool") });
            }));

        FileTree tree = merged.Tree.Build();
        tree.Find("bin").ShouldBeOfType<SymlinkNode>().Target.ShouldBe("usr/bin");
        tree.Find("lib").ShouldBeOfType<SymlinkNode>().Target.ShouldBe("usr/lib");
        tree.ReadFile("usr/bin/tool").ShouldBe("t"u8.ToArray());
        tree.ReadFile("usr/bin/same").ShouldBe("t"u8.ToArray());
        tree.Find("usr/lib/x86_64-linux-gnu/lib.so").ShouldNotBeNull();
    }

    [Fact]
    public void Two_spellings_of_one_merged_path_are_the_same_path() =>
        Should.Throw<BakeException>(() => Merge(Layer("a", b => b.AddText("bin/x", "1")), Layer("b", b => b.AddText("usr/bin/x", "2"))));

    [Fact]
    public void A_directory_mode_that_one_package_cares_about_wins_over_the_default()
    {
        MergedTree merged = Merge(Layer("a", b => b.AddDirectory("var/x")), Layer("b", b => b.AddDirectory("var/x", mode: 0b111_000_000)));
        merged.Tree.Nodes[TreePath.Parse("var/x")].Mode.ShouldBe(0b111_000_000);
    }

    [Fact]
    public void Two_wishes_for_one_directory_are_a_conflict() =>
        Should.Throw<BakeException>(() => Merge(
            Layer("a", b => b.AddDirectory("var/x", mode: 0b111_101_000)), Layer("b", b => b.AddDirectory("var/x", mode: 0b111_000_000))));

    [Fact]
    public void A_file_where_another_package_has_a_directory_is_refused()
    {
        BakeException refusal = Should.Throw<BakeException>(() => Merge(Layer("a", b => b.AddSymlink("etc/x", "y")), Layer("b", b => b.AddText("etc/x/y", "2"))));
        refusal.Code.ShouldBe("BAKE0409");
        refusal.Message.ShouldContain("'a'");
        refusal.Message.ShouldContain("'b'");
    }

    [Fact]
    public void The_order_of_layers_and_entries_changes_nothing()
    {
        TreeLayer[] layers =
        [
            Layer("a", b => { b.AddText("etc/1", "1"); b.AddDirectory("var/x"); }),
            Layer("b", b => { b.AddText("bin/2", "2"); b.AddDirectory("var/x", mode: 0b111_000_000); }),
            Layer("c", b => { b.AddText("usr/bin/2", "2"); b.AddText("etc/1", "1"); }),
        ];
        string expected = Describe(Merge(layers));

        Describe(Merge([layers[2], layers[0], layers[1]])).ShouldBe(expected);
        Describe(Merge([.. layers.Reverse().Select(layer => layer with { Entries = layer.Entries.Reverse().ToDictionary() })])).ShouldBe(expected);
    }

    [Fact]
    public void The_empty_path_is_the_root_however_it_is_spelled() => TreePath.Parse("./").ShouldBe(TreePath.Root);

    private static string Describe(MergedTree merged) =>
        string.Join('\n', merged.Tree.Build().Nodes.Select(entry => $"{entry.Key} {entry.Value.GetType().Name} {entry.Value.Mode} {merged.Owners.GetValueOrDefault(entry.Key)}"));

    private static MergedTree Merge(params TreeLayer[] layers) => TreeMerger.Merge(layers, MergeRules.None, 1_700_000_000);

    private static TreeLayer Layer(string owner, Action<FileTreeBuilder> fill)
    {
        FileTreeBuilder builder = new(1_700_000_000);
        fill(builder);
        return new TreeLayer(owner, builder.Nodes);
    }
}
