using System.Text;
using System.Text.Json;
using Images.Baker.Composing;
using Images.Baker.Manifest;
using Images.Baker.Tests.Tree;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Manifest;

public class ImageManifestTests
{
    private const string Copyright =
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-3+\n\nFiles: b\nLicense: Expat\n\nLicense: GPL-3+\n text\n";

    private static readonly ComposedImage _image = ImageTree.Compose(SampleImage.Content(tree =>
    {
        tree.AddText("usr/share/doc/extra/copyright", Copyright);
        tree.AddSymlink("usr/share/doc/systemd", "extra");
        tree.AddText("usr/bin/tool", "t");
    }));

    [Fact]
    public void The_manifest_lies_in_the_tree_with_the_same_bytes() =>
        _image.Tree.ReadFile("usr/lib/bootstrapper/manifest.json").ShouldBe(_image.Manifest.ToArray());

    [Fact]
    public void Every_regular_file_but_the_manifest_is_listed_once_with_its_digest()
    {
        using JsonDocument manifest = JsonDocument.Parse(_image.Manifest);
        Dictionary<string, string?> listed = manifest.RootElement.GetProperty("packages").EnumerateArray()
            .Append(manifest.RootElement)
            .SelectMany(owner => owner.GetProperty("files").EnumerateObject())
            .ToDictionary(file => file.Name, file => file.Value.GetString());
        Dictionary<string, string?> expected = _image.Tree.Nodes
            .Where(entry => entry.Value is FileNode && entry.Key.Name != "manifest.json")
            .ToDictionary(entry => entry.Key.ToString(), entry => (string?)((FileNode)entry.Value).Content.Digest.ToString());

        listed.ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void A_package_says_what_it_is_from_where_and_under_which_licences()
    {
        using JsonDocument manifest = JsonDocument.Parse(_image.Manifest);
        JsonElement extra = manifest.RootElement.GetProperty("packages").EnumerateArray().Single(package => package.GetProperty("name").GetString() == "extra");

        extra.GetProperty("version").GetString().ShouldBe("1:2.0-3+b1");
        extra.GetProperty("digest").GetString().ShouldBe(Digest.Sha256("extra"u8).ToString());
        extra.GetProperty("licences").EnumerateArray().Select(name => name.GetString()).ShouldBe(["Expat", "GPL-3+"]);
        extra.GetProperty("files").TryGetProperty("/usr/bin/tool", out _).ShouldBeTrue();
    }

    [Fact]
    public void A_documentation_folder_that_is_a_link_still_leads_to_the_licences()
    {
        using JsonDocument manifest = JsonDocument.Parse(_image.Manifest);
        manifest.RootElement.GetProperty("packages").EnumerateArray().Single(package => package.GetProperty("name").GetString() == "systemd")
            .GetProperty("licences").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public void A_file_that_ours_replaces_belongs_to_no_package()
    {
        using JsonDocument manifest = JsonDocument.Parse(_image.Manifest);
        manifest.RootElement.GetProperty("files").TryGetProperty("/usr/lib/systemd/system/etcd.service", out _).ShouldBeTrue();
        manifest.RootElement.GetProperty("created").GetString().ShouldBe("2025-06-15T15:06:40Z");
    }

    [Fact]
    public void What_was_changed_in_kubernetes_is_in_the_manifest_and_the_bill_of_materials()
    {
        ImageContent content = SampleImage.Content();
        KubernetesFacts facts = new()
        {
            Version = "1.20.2",
            Source = "debian",
            EndOfLife = "2022-02-28",
            Inputs = new Dictionary<string, Digest>(),
            Changes = ["this", "and that"],
            Licences = [],
        };
        ComposedImage image = ImageTree.Compose(content with { Image = content.Image with { Kubernetes = facts } });

        using JsonDocument manifest = JsonDocument.Parse(image.Manifest);
        manifest.RootElement.GetProperty("kubernetes").GetProperty("changes").EnumerateArray().Select(change => change.GetString())
            .ShouldBe(["this", "and that"]);
        Encoding.UTF8.GetString(image.Sbom.ToArray()).ShouldContain("; changed: this; and that\"");
    }

    [Fact]
    public void Shuffled_input_gives_the_same_bytes()
    {
        ImageContent content = SampleImage.Content();
        ComposedImage one = ImageTree.Compose(content);
        ComposedImage other = ImageTree.Compose(content with { Packages = [.. content.Packages.Reverse()] });

        other.Manifest.ToArray().ShouldBe(one.Manifest.ToArray());
        other.Sbom.ToArray().ShouldBe(one.Sbom.ToArray());
        other.Tree.Nodes.Keys.ShouldBe(one.Tree.Nodes.Keys);
    }
}
