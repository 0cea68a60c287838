using Images.Bootstrapper.Containers;
using Images.NodeConfig;
using Images.NodeConfig.Containers;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Containers;

/// <summary>Against Debian's containerd.</summary>
public sealed class ContainerImportTests : IDisposable
{
    private readonly TemporaryFolder _home = new();
    private readonly TemporaryFolder _node = new();
    private readonly ContainerdDaemon _containerd;
    private readonly NodeRoot _root;
    private readonly List<string> _said = [];

    public ContainerImportTests()
    {
        _containerd = new ContainerdDaemon(_home.FullPath);
        _root = new NodeRoot(_node.FullPath);
    }

    public void Dispose()
    {
        _containerd.Dispose();
        _home.Dispose();
        _node.Dispose();
    }

    [Fact]
    public async Task A_carried_image_is_imported_once_unpacked_and_pinned_under_both_its_names()
    {
        CarriedContainer pause = SampleArchive.Write(_root, "images.local/pause:1", "first");

        await ImportAsync();
        await ImportAsync();

        _said.ShouldBe([$"importing the container image images.local/pause:1 ({pause.Digest})"]);
        IReadOnlyList<StoredContainer> stored = await Store.ListAsync(CancellationToken.None);
        stored.Select(image => image.Name).Order(StringComparer.Ordinal).ShouldBe(pause.Names);
        stored.ShouldAllBe(image => image.Digest == pause.Digest && image.Labels["io.cri-containerd.pinned"] == "pinned");
        _containerd.Ctr("images", "check").ShouldContain(" complete (");
        _containerd.Ctr("snapshots", "--snapshotter", "native", "list").ShouldContain("Committed");
    }

    [Fact]
    public async Task Another_content_under_the_same_tag_replaces_it_and_the_elder_digest_is_let_go()
    {
        CarriedContainer elder = SampleArchive.Write(_root, "images.local/pause:1", "first");
        await ImportAsync();
        CarriedContainer newer = SampleArchive.Write(_root, "images.local/pause:1", "second");
        await ImportAsync();

        Dictionary<string, StoredContainer> stored = (await Store.ListAsync(CancellationToken.None)).ToDictionary(image => image.Name, StringComparer.Ordinal);
        stored["images.local/pause:1"].Digest.ShouldBe(newer.Digest);
        stored["images.local/pause:1"].Labels["io.cri-containerd.pinned"].ShouldBe("pinned");
        stored[newer.Names[1]].Labels["io.cri-containerd.pinned"].ShouldBe("pinned");
        stored[elder.Names[1]].Labels.Keys.ShouldNotContain("io.cri-containerd.pinned");
        _said.Last().ShouldContain(elder.Names[1]);
    }

    [Fact]
    public async Task What_others_pinned_stays_pinned()
    {
        SampleArchive.Write(_root, "images.local/pause:1", "first");
        await ImportAsync();
        _containerd.Ctr("images", "tag", "images.local/pause:1", "example.com/theirs:1");
        _containerd.Ctr("images", "label", "example.com/theirs:1", "io.cri-containerd.pinned=pinned", "bootstrapper.carried=");

        await ImportAsync();

        (await Store.ListAsync(CancellationToken.None)).Single(image => image.Name == "example.com/theirs:1").Labels["io.cri-containerd.pinned"].ShouldBe("pinned");
    }

    [Fact]
    public async Task An_image_that_carries_none_and_an_image_that_is_removed_are_no_trouble()
    {
        await ImportAsync();
        _said.ShouldBeEmpty();

        CarriedContainer pause = SampleArchive.Write(_root, "images.local/pause:1", "first");
        await ImportAsync();
        _containerd.Ctr("images", "remove", pause.Names[1]);
        await ImportAsync();

        (await Store.ListAsync(CancellationToken.None)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_broken_document_a_broken_archive_and_an_absent_containerd_are_named()
    {
        SampleArchive.Write(_root, "images.local/pause:1", "first");
        File.WriteAllText(_root[$"{NodePaths.Containers}/pause.tar"], "no archive");
        (await Should.ThrowAsync<BootFailure>(ImportAsync)).Message.ShouldContain("pause.tar");
        File.WriteAllText(_root[$"{NodePaths.Containers}/pause.json"], "{}");
        (await Should.ThrowAsync<BootFailure>(ImportAsync)).Message.ShouldContain("pause.json");
        ContainerdStore absent = new(_home["nowhere.sock"]);
        (await Should.ThrowAsync<BootFailure>(() => absent.ListAsync(CancellationToken.None))).Message.ShouldContain("containerd.service");
    }

    [Theory]
    [InlineData("")]
    [InlineData("NAME ID\na b")]
    [InlineData("REF TYPE DIGEST SIZE PLATFORMS LABELS\na b")]
    [InlineData("REF TYPE DIGEST SIZE PLATFORMS LABELS\na b c d e f")]
    public void A_list_that_is_not_understood_is_not_taken_for_an_empty_one(string output) => Should.Throw<FormatException>(() => StoredContainer.ParseList(output));

    private ContainerdStore Store => new(_containerd.Address, "native");

    private Task ImportAsync() => new ContainerImport(_root, Store, _said.Add).RunAsync(CancellationToken.None);
}
