using System.Text.Json.Nodes;
using Images.Baker.Comparing;
using Images.Baker.Composing.Fixups;
using Images.Baker.Tests.Inspect;
using Images.Baker.Tests.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Comparing;

public sealed class ImageComparerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_bakes_of_the_same_are_the_same()
    {
        SampleDisk.Write(_folder["old.raw"]);
        SampleDisk.Write(_folder["new.raw"]);
        ImageDiff diff = ImageComparer.Compare(_folder["old.raw"], _folder["new.raw"]);
        (diff.IsSame, diff.IsAllowed, diff.Packages.Count, diff.Units.Count, diff.OtherFiles).ShouldBe((true, true, 0, 0, 0));
        Text(diff).ShouldEndWith("The roots are the same, byte for byte.\n");
    }

    [Fact]
    public void Versions_packages_units_and_flags_that_differ_are_named()
    {
        SampleDisk.Write(_folder["old.raw"]);
        string roles = _folder["roles"];
        CopyFolder(SampleImage.RolesFolder(), roles);
        File.AppendAllText(Path.Combine(roles, "etcd", "templates", "etcd.env"), "# --new-flag=1\n");
        File.AppendAllText(Path.Combine(roles, "etcd", "units", "etcd.service"), "# another\n");
        SampleDisk.Write(_folder["new.raw"], changeContent: content => content with
        {
            Image = content.Image with { Version = "0.2.0", KernelRelease = "6.12.2-amd64" },
            Packages = [.. content.Packages, SampleImage.Package("more", tree => tree.AddText("usr/share/more", "more"))],
            Roles = RoleSourcesReader.Read(roles),
        });
        ImageDiff diff = ImageComparer.Compare(_folder["old.raw"], _folder["new.raw"]);
        diff.IsAllowed.ShouldBeTrue();
        diff.Packages.ShouldHaveSingleItem().ShouldBe(new PackageChange("more", null, "1:2.0-3+b1"));
        diff.Units.Select(unit => $"{unit.Change} {unit.Path}").ShouldBe(["~ usr/lib/systemd/system/etcd.service"]);
        diff.RoleFiles.ShouldContain(file => file.Change == '~' && file.Path.EndsWith("etcd/etcd.env", StringComparison.Ordinal));
        diff.Flags.Select(flag => $"{flag.Change} {flag.Flag}").ShouldBe(["+ --new-flag=1"]);
        JsonNode.Parse(DiffJson.Text(diff))!["packages"]![0]!["name"]!.GetValue<string>().ShouldBe("more");
        string text = Text(diff);
        text.ShouldStartWith("0.1.0 → 0.2.0\nkernel      6.12.1-amd64 → 6.12.2-amd64\nKubernetes  neither image holds Kubernetes\n");
        text.ShouldContain("  + more 1:2.0-3+b1\n");
        text.ShouldEndWith("Machines of the older image may take the newer one.\n");
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    [Fact]
    public void An_image_that_is_none_is_refused_by_name()
    {
        SampleDisk.Write(_folder["old.raw"]);
        File.WriteAllBytes(_folder["new.raw"], new byte[4096]);
        Should.Throw<Exception>(() => ImageComparer.Compare(_folder["old.raw"], _folder["new.raw"])).Message.ShouldContain("new.raw");
    }

    private static string Text(ImageDiff diff)
    {
        using StringWriter text = new() { NewLine = "\n" };
        DiffText.Write(diff, text);
        return text.ToString();
    }
}
