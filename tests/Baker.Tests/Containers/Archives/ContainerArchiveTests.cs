using System.Text;
using System.Text.Json;
using Images.Baker.Containers;
using Images.Baker.Containers.Archives;
using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers.Archives;

public sealed class ContainerArchiveTests : IDisposable
{
    private readonly SampleContainers _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public void An_archive_of_foreign_tools_is_carried_with_the_same_digest()
    {
        string archive = _samples.Make("app", "hello");

        ContainerImage image = Open(archive).ReadImage(Name("example.com/app:1"), "amd64");

        image.Target.Digest.ToString().ShouldBe(SampleContainers.DigestOf(archive));
        image.Blobs.Count.ShouldBe(3);
        ContentOf(image).ShouldBe("hello");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("xz")]
    [InlineData("zstd")]
    public void A_compressed_archive_is_refused_with_what_unpacks_it(string program)
    {
        string archive = _samples.Make("app", "hello");
        Judge.Run(program, "-k", archive);
        string packed = Directory.GetFiles(Path.GetDirectoryName(archive)!).Single(file => file != archive && file.StartsWith(archive, StringComparison.Ordinal));

        Should.Throw<MalformedDataException>(() => Open(packed)).Message.ShouldContain($"it is compressed with {program}; unpack it: {program} -d");
    }

    [Fact]
    public void Of_several_images_in_an_archive_the_one_of_that_name_is_taken()
    {
        string archive = Merge(_samples.Make("one", "first"), _samples.Make("two", "second"));

        ContentOf(Open(archive).ReadImage(Name("example.com/app:two"), "amd64")).ShouldBe("second");
        Should.Throw<MalformedDataException>(() => Open(archive).ReadImage(Name("example.com/app:three"), "amd64")).Message.ShouldContain("one, two");
    }

    [Fact]
    public void A_docker_archive_becomes_an_image_with_the_same_layer_and_configuration()
    {
        string archive = _samples.Make("app", "hello");
        string docker = _samples.ToDockerArchive(archive, "example.com/app:1");

        ContainerImage image = Open(docker).ReadImage(Name("example.com/app:1"), "amd64");

        ContentOf(image).ShouldBe("hello");
        JsonElement Config(string source) => JsonDocument.Parse(Judge.Run("skopeo", "inspect", "--config", source)).RootElement;
        Config($"oci-archive:{Write(image)}:1").ToString().ShouldBe(Config($"docker-archive:{docker}").ToString());
    }

    [Fact]
    public void An_image_for_another_processor_is_refused()
    {
        BakeException refusal = Should.Throw<BakeException>(() => Open(_samples.Make("arm", "hello", "arm64")).ReadImage(Name("example.com/app:1"), "amd64"));

        refusal.Code.ShouldBe("BAKE0610");
        refusal.Message.ShouldContain("linux/arm64");
    }

    [Fact]
    public void Another_archive_than_the_one_that_is_pinned_is_refused()
    {
        string archive = _samples.Make("app", "hello");
        Digest pinned = Open(archive).Digest;
        ContainerArchive.Require(Plan(archive), pinned);

        using (FileStream file = File.Open(archive, FileMode.Append))
        {
            file.WriteByte(0);
        }

        Should.Throw<BakeException>(() => ContainerArchive.Require(Plan(archive), pinned)).Code.ShouldBe("BAKE0630");
        Should.Throw<BakeException>(() => ContainerArchive.Open(Plan(archive), pinned)).Message.ShouldContain(pinned.ToString());
    }

    [Fact]
    public void An_archive_that_is_missing_or_is_none_is_refused_by_name()
    {
        Should.Throw<BakeException>(() => Open(_samples["nowhere.tar"])).Code.ShouldBe("BAKE0631");
        File.WriteAllBytes(_samples["none.tar"], [.. TarBytes.Entry("a"), .. TarBytes.End]);
        Should.Throw<MalformedDataException>(() => Open(_samples["none.tar"]).ReadImage(Name("example.com/app:1"), "amd64")).Message.ShouldContain("oci-layout");
        File.WriteAllBytes(_samples["link.tar"], [.. TarBytes.Entry("a/b", '2', link: "../../c"), .. TarBytes.End]);
        Should.Throw<MalformedDataException>(() => Open(_samples["link.tar"])).Message.ShouldContain("out of the archive");
    }

    [Theory]
    [InlineData("blob")]
    [InlineData("missing")]
    [InlineData("layer")]
    public void A_spoilt_archive_is_refused(string what)
    {
        string archive = _samples.Make("app", "hello");
        string folder = Unpack(archive, "spoilt");
        string largestIsConfig = Directory.GetFiles(Path.Combine(folder, "blobs/sha256")).MaxBy(file => new FileInfo(file).Length)!;
        string layer = Directory.GetFiles(Path.Combine(folder, "blobs/sha256")).MinBy(file => new FileInfo(file).Length)!;
        switch (what)
        {
            case "blob":
                File.AppendAllText(largestIsConfig, " ");
                break;
            case "missing":
                File.Delete(largestIsConfig);
                break;
            default:
                byte[] bytes = File.ReadAllBytes(layer);
                bytes[^1] ^= 1;
                File.WriteAllBytes(layer, bytes);
                break;
        }

        Pack(folder, archive);

        Should.Throw<MalformedDataException>(() => Open(archive).ReadImage(Name("example.com/app:1"), "amd64")).Message.ShouldContain("the blob sha256:");
    }

    private static ArchivedContainerPlan Plan(string archive) => new() { Name = Name("example.com/app:1"), Archive = archive, WrittenPath = Path.GetFileName(archive) };

    private static ContainerArchive Open(string archive) => ContainerArchive.Open(Plan(archive), pinned: null);

    private static ContainerReference Name(string text) => ContainerReference.TryParse(text)!;

    /// <summary>The one file of the image, as umoci unpacks it from the archive that the Baker writes.</summary>
    private string ContentOf(ContainerImage image)
    {
        string archive = Write(image), layout = archive + ".layout", bundle = archive + ".bundle";
        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci-archive:{archive}:{image.Name.Tag}", $"oci:{layout}:app");
        Judge.Run("umoci", "unpack", "--rootless", "--image", $"{layout}:app", bundle);
        return File.ReadAllText(Path.Combine(bundle, "rootfs/etc/content"));
    }

    private string Write(ContainerImage image)
    {
        FileTree files = ContainerLayers.Files(image, "test", 0);
        string path = _samples[$"{image.Target.Digest.Hex[..8]}.tar"];
        File.WriteAllBytes(path, files.ReadFile(files.Nodes.Keys.Single(file => file.Name.EndsWith(".tar", StringComparison.Ordinal)).Value));
        return path;
    }

    private string Merge(string first, string second)
    {
        string folder = Unpack(first, "merged"), other = Unpack(second, "other");
        foreach (string blob in Directory.GetFiles(Path.Combine(other, "blobs/sha256")))
        {
            File.Copy(blob, Path.Combine(folder, "blobs/sha256", Path.GetFileName(blob)), overwrite: true);
        }

        string Manifests(string from) => JsonDocument.Parse(File.ReadAllText(Path.Combine(from, "index.json"))).RootElement.GetProperty("manifests")[0].GetRawText();
        File.WriteAllText(Path.Combine(folder, "index.json"), $$"""{"schemaVersion":2,"manifests":[{{Manifests(folder)}},{{Manifests(other)}}]}""", Encoding.UTF8);
        File.WriteAllBytes(Path.Combine(folder, "index.json"), Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(folder, "index.json"))));
        Pack(folder, _samples["merged.tar"]);
        return _samples["merged.tar"];
    }

    private string Unpack(string archive, string name)
    {
        string folder = Directory.CreateDirectory(_samples[name]).FullName;
        Judge.Run("tar", "xf", archive, "-C", folder);
        return folder;
    }

    private static void Pack(string folder, string archive) => Judge.Run("tar", "cf", archive, "-C", folder, "oci-layout", "index.json", "blobs");
}
