using System.Text.Json;
using Images.Baker.Inspect;
using Images.Formats;
using Images.Formats.Tree;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;
using Spectre.Console;

namespace Images.Baker.Tests.Inspect;

public class ImageInspectorTests
{
    [Fact]
    public void A_report_names_partitions_versions_packages_roles_and_sizes()
    {
        using TemporaryFolder folder = new();
        VerityInfo verity = SampleDisk.Write(folder["node.raw"]);
        ImageReport report = ImageInspector.Inspect(folder["node.raw"]);
        report.Manifest.Name.ShouldBe("node");
        report.Manifest.Version.ShouldBe("0.1.0");
        report.Manifest.Packages.Select(package => package.Name).ShouldContain("base-files");
        report.Roles.ShouldContain("etcd");
        report.RootSlot.ShouldBe("root-a");
        report.Verity.ShouldBe(verity);
        report.KernelImage.ShouldBe("/EFI/images/a.efi");
        report.Partitions.Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("node-2.conf", 'b', "/EFI/images/b.efi")]
    [InlineData("node-2+3.conf", 'b', "/EFI/images/b.efi")]
    [InlineData("node-2+0-3.conf", 'b', "/EFI/images/a.efi")]
    [InlineData("node-2.conf", 'a', "/EFI/images/a.efi")]
    public void Of_two_kernel_images_that_one_is_shown_which_would_be_started(string entry, char slot, string shown)
    {
        using TemporaryFolder folder = new();
        SampleDisk.Write(folder["node.raw"], changeEsp: esp =>
        {
            esp.Set(TreePath.Parse(NodeEsp.ImageB), esp.Nodes[TreePath.Parse(NodeEsp.ImageA)]);
            esp.AddFile($"{NodeEsp.EntriesFolder}/{entry}", new MemoryContent(BootEntryText.Of("node 0.2.0", 2, slot)));
        });
        ImageInspector.Inspect(folder["node.raw"]).KernelImage.ShouldBe(shown);
    }

    [Fact]
    public void The_json_form_parses_and_says_the_same()
    {
        using TemporaryFolder folder = new();
        SampleDisk.Write(folder["node.raw"]);
        ImageReport report = ImageInspector.Inspect(folder["node.raw"]);
        using MemoryStream output = new();
        ReportJson.Write(report, output);
        using JsonDocument json = JsonDocument.Parse(output.ToArray());
        json.RootElement.GetProperty("version").GetString().ShouldBe("0.1.0");
        json.RootElement.GetProperty("partitions").GetArrayLength().ShouldBe(5);
        json.RootElement.GetProperty("packages").GetArrayLength().ShouldBe(report.Manifest.Packages.Count);
        json.RootElement.GetProperty("root").GetProperty("rootHash").GetString().ShouldBe(report.Verity.RootHash);
    }

    [Fact]
    public void The_form_for_people_shows_each_partition_and_package()
    {
        using TemporaryFolder folder = new();
        SampleDisk.Write(folder["node.raw"]);
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 120;
        ReportTable.Write(ImageInspector.Inspect(folder["node.raw"]), console);
        foreach (string part in (string[])["node 0.1.0", "root-b", "systemd", "1:2.0-3+b1", "etcd", "ro console=tty0"])
        {
            text.ToString().ShouldContain(part);
        }
    }

    [Fact]
    public void A_file_that_is_no_disk_is_refused()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["no.raw"], "no disk");
        Should.Throw<MalformedDataException>(() => ImageInspector.Inspect(folder["no.raw"])).Message.ShouldContain("no.raw");
    }
}
