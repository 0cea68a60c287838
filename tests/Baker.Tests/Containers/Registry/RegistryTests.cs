using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using Images.Baker.Caching;
using Images.Baker.Containers;
using Images.Baker.Containers.Oci;
using Images.Baker.Containers.Registry;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers.Registry;

/// <summary>Pulls from Debian's docker-registry, filled by skopeo.</summary>
public sealed class RegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SampleContainers _samples = new();
    private readonly DockerRegistry _registry;
    private readonly RegistryClient _client = new(new DownloadOptions { FirstBackOff = TimeSpan.FromMilliseconds(10), Attempts = 3 });

    public RegistryTests() => _registry = new DockerRegistry(_folder.FullPath);

    public void Dispose()
    {
        _client.Dispose();
        _registry.Dispose();
        _samples.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tag_is_pinned_by_the_lock_and_pulled_by_digest_ever_after()
    {
        string archive = _samples.Make("app", "hello");
        Push(archive, "team/app:1");
        ImagePlan plan = PlanOf("team/app:1");

        ImmutableArray<LockedContainer> pinned = await LockAsync(plan);
        Push(_samples.Make("other", "another"), "team/app:1");
        await FetchAsync(plan, pinned);

        pinned.Single().Digest.ToString().ShouldBe(SampleContainers.DigestOf(archive));
        ContainerImage image = Sources.Open(plan.ContainerImages[0], pinned[0], "amd64");
        image.Blobs.Count.ShouldBe(3);
        image.Blobs.ShouldAllBe(blob => Digest.Sha256(File.ReadAllBytes(Path.Combine(_folder["cache"], "sha256", blob.Key.Hex))) == blob.Key);
        (await LockAsync(plan)).Single().Digest.ShouldNotBe(pinned.Single().Digest);
    }

    [Fact]
    public async Task Of_an_index_the_part_for_this_processor_is_pulled_and_the_index_is_kept()
    {
        Push(_samples.Make("amd", "for amd64"), "team/app:amd");
        Push(_samples.Make("arm", "for arm64", "arm64"), "team/app:arm");
        await PutIndexAsync("team/app", "1", ("amd64", "amd"), ("arm64", "arm"));
        ImagePlan plan = PlanOf("team/app:1");

        ImmutableArray<LockedContainer> pinned = await LockAsync(plan);
        await FetchAsync(plan, pinned);
        ContainerImage image = Sources.Open(plan.ContainerImages[0], pinned[0], "amd64");

        image.Target.Digest.ShouldBe(pinned[0].Digest);
        image.Target.MediaType.ShouldBe("application/vnd.oci.image.index.v1+json");
        image.Blobs.Count.ShouldBe(4);

        // containerd finds the image of its platform through the index, though the other platform's is not there
        using TemporaryFolder home = new();
        using ContainerdDaemon containerd = new(home.FullPath);
        containerd.Ctr("images", "import", "--no-unpack", WriteArchive(image));
        containerd.Ctr("images", "list").ShouldContain($"{image.Name.At(image.Target.Digest)} application/vnd.oci.image.index.v1+json");
        containerd.Ctr("images", "check").ShouldContain(" complete (");
        Judge.Run("skopeo", "inspect", "--config", $"oci-archive:{WriteArchive(image)}:1").ShouldContain("amd64");
    }

    [Fact]
    public async Task An_index_without_this_processor_is_refused_when_it_is_locked()
    {
        Push(_samples.Make("arm", "for arm64", "arm64"), "team/app:arm");
        await PutIndexAsync("team/app", "1", ("arm64", "arm"));

        (await Should.ThrowAsync<BakeException>(() => LockAsync(PlanOf("team/app:1")))).Code.ShouldBe("BAKE0610");
    }

    [Fact]
    public async Task A_digest_in_image_yaml_is_asked_for_itself()
    {
        string archive = _samples.Make("app", "hello");
        Push(archive, "team/app:1");
        string digest = SampleContainers.DigestOf(archive);
        Push(_samples.Make("other", "another"), "team/app:1");

        (await LockAsync(PlanOf($"team/app@{digest}"))).Single().Digest.ToString().ShouldBe(digest);
    }

    [Theory]
    [InlineData("manifest")]
    [InlineData("layer")]
    public async Task A_tampered_blob_is_refused_and_does_not_stay_in_the_cache(string what)
    {
        string archive = _samples.Make("app", "hello");
        Push(archive, "team/app:1");
        ImagePlan plan = PlanOf("team/app:1");
        ImmutableArray<LockedContainer> pinned = await LockAsync(plan);
        string tampered = what == "manifest" ? pinned[0].Digest.Hex : LayerOf(archive);
        byte[] bytes = File.ReadAllBytes(_registry.BlobFile(tampered));
        bytes[^2] ^= 1;
        File.WriteAllBytes(_registry.BlobFile(tampered), bytes);

        BakeException refusal = await Should.ThrowAsync<BakeException>(() => FetchAsync(plan, pinned));

        refusal.Fault.ShouldBe(BakeFault.Source);
        refusal.Code.ShouldBeOneOf("BAKE0624", "BAKE0623"); // the registry itself may notice first: then it answers 500
        File.Exists(Path.Combine(_folder["cache"], "sha256", tampered)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_registry_does_not_have_is_named()
    {
        string archive = _samples.Make("app", "hello");
        Push(archive, "team/app:1");
        ImmutableArray<LockedContainer> pinned = await LockAsync(PlanOf("team/app:1"));
        File.Delete(_registry.BlobFile(LayerOf(archive)));

        (await Should.ThrowAsync<BakeException>(() => LockAsync(PlanOf("team/app:2")))).Message.ShouldContain("/v2/team/app/manifests/2");
        (await Should.ThrowAsync<BakeException>(() => LockAsync(PlanOf("nobody/app:1")))).Code.ShouldBe("BAKE0622");
        (await Should.ThrowAsync<BakeException>(() => FetchAsync(PlanOf("team/app:1"), pinned))).Code.ShouldBe("BAKE0622");
        (await Should.ThrowAsync<BakeException>(() => FetchAsync(PlanOf("team/app:1"), []))).Code.ShouldBe("BAKE0302");
    }

    [Fact]
    public async Task What_the_cache_holds_is_not_asked_for()
    {
        Push(_samples.Make("app", "hello"), "team/app:1");
        ImagePlan plan = PlanOf("team/app:1");
        ImmutableArray<LockedContainer> pinned = await LockAsync(plan);
        await FetchAsync(plan, pinned);
        _registry.Dispose();

        long downloaded = 0;
        await Sources.FetchAsync(plan, pinned, bytes => downloaded += bytes, _ => { }, CancellationToken.None);

        downloaded.ShouldBe(0);
        Sources.Open(plan.ContainerImages[0], pinned[0], "amd64").Blobs.Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_was_damaged_in_the_cache_is_fetched_again()
    {
        string archive = _samples.Make("app", "hello");
        Push(archive, "team/app:1");
        ImagePlan plan = PlanOf("team/app:1");
        ImmutableArray<LockedContainer> pinned = await LockAsync(plan);
        await FetchAsync(plan, pinned);
        string layer = Path.Combine(_folder["cache"], "sha256", LayerOf(archive));
        byte[] whole = File.ReadAllBytes(layer);
        File.WriteAllBytes(layer, new byte[whole.Length]);
        List<string> notices = [];

        await Sources.FetchAsync(plan, pinned, _ => { }, notices.Add, CancellationToken.None);

        File.ReadAllBytes(layer).ShouldBe(whole);
        notices.Single().ShouldContain("damaged");
    }

    private ContainerSources Sources => new(_client, new ContentCache(_folder["cache"], TimeProvider.System), new DownloadOptions());

    private Task<ImmutableArray<LockedContainer>> LockAsync(ImagePlan plan) => Sources.LockAsync(plan, _ => { }, CancellationToken.None);

    private Task FetchAsync(ImagePlan plan, ImmutableArray<LockedContainer> pinned) => Sources.FetchAsync(plan, pinned, _ => { }, _ => { }, CancellationToken.None);

    private ImagePlan PlanOf(string source) => SamplePlan.Pulling("example.com/app:1", $"{_registry.Host}/{source}");

    private void Push(string archive, string target) =>
        Judge.Run("skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", $"oci-archive:{archive}", $"docker://{_registry.Host}/{target}");

    private async Task PutIndexAsync(string repository, string tag, params (string Architecture, string Tag)[] parts)
    {
        using HttpClient http = new();
        List<string> entries = [];
        foreach ((string architecture, string part) in parts)
        {
            byte[] manifest = await _client.GetManifestAsync(ContainerReference.TryParse($"{_registry.Host}/{repository}:{part}")!, part, CancellationToken.None);
            entries.Add($$$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{Digest.Sha256(manifest)}}}","size":{{{manifest.Length}}},"platform":{"os":"linux","architecture":"{{{architecture}}}"}}""");
        }

        using ByteArrayContent index = new(Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{string.Join(',', entries)}}]}"""));
        index.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.oci.image.index.v1+json");
        using HttpResponseMessage answer = await http.PutAsync(new Uri($"http://{_registry.Host}/v2/{repository}/manifests/{tag}"), index);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static string LayerOf(string archive) =>
        System.Text.Json.JsonDocument.Parse(Judge.Run("skopeo", "inspect", $"oci-archive:{archive}")).RootElement.GetProperty("Layers")[0].GetString()!["sha256:".Length..];

    private string WriteArchive(ContainerImage image)
    {
        FileTree files = ContainerLayers.Files(image, "test", 0);
        File.WriteAllBytes(_folder["out.tar"], files.ReadFile(files.Nodes.Keys.Single(path => path.Name.EndsWith(".tar", StringComparison.Ordinal)).Value));
        return _folder["out.tar"];
    }
}
