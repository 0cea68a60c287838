using System.Runtime.CompilerServices;
using Images.Baker.Manifest;
using Images.Baker.Progress;
using Images.Formats.Gpt;
using Images.NodeConfig;
using Spectre.Console;

namespace Images.Baker.Inspect;

/// <summary>
/// A report for people. The image may be anybody's: what stands in it is shown without control characters and markup.
/// </summary>
internal static class ReportTable
{
    public static void Write(ImageReport report, IAnsiConsole console)
    {
        InspectedManifest manifest = report.Manifest;
        Line(
            console,
            $"[bold]{manifest.Name} {manifest.Version}[/]  of {manifest.Created}, kernel {manifest.Kernel}");
        Line(console, $"kubernetes: {Kubernetes(manifest)}");
        Line(console, $"roles: {string.Join(", ", report.Roles)}");
        foreach (AddOnFacts addOn in manifest.AddOns)
        {
            Line(console, $"add-on: {addOn.File}: {string.Join(", ", addOn.Objects)}");
        }

        Line(console, $"disk {report.DiskGuid}, {ByteText.Size(report.DiskBytes)}");
        console.Write(Partitions(report));
        string root = ByteText.Size(report.RootFileSystemBytes);
        string verity = ByteText.Size(report.Verity.HashBytes);
        Line(
            console,
            $"root: {report.RootNames} names in {root}, verity tree {verity}, root hash {report.Verity.RootHash}");
        Line(console, $"kernel command line: {report.CommandLine}");
        foreach ((string path, long bytes) in report.EspFiles)
        {
            Line(console, $"esp: {path}  {ByteText.Size(bytes)}");
        }

        console.Write(Packages(manifest));
        string archives = ByteText.Size(manifest.Packages.Sum(package => package.ArchiveBytes));
        Line(console, $"{manifest.Packages.Count} packages, {archives} of archives");
    }

    private static string Kubernetes(InspectedManifest manifest) => manifest.Kubernetes switch
    {
        null => "none",
        { } kubernetes when string.CompareOrdinal(kubernetes.EndOfLife, manifest.Created) < 0 =>
            $"{kubernetes.Version}, source {kubernetes.Source}, END OF LIFE since {kubernetes.EndOfLife}",
        { } kubernetes => $"{kubernetes.Version}, source {kubernetes.Source}, mended until {kubernetes.EndOfLife}",
    };

    private static Table Partitions(ImageReport report)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("partition", "begins at", "size", "used");
        foreach (GptPartition partition in report.Partitions)
        {
            table.AddRow(
                Cell(partition.Name), ByteText.Size(partition.OffsetBytes), ByteText.Size(partition.SizeBytes),
                Used(report, partition));
        }

        return table;
    }

    private static string Used(ImageReport report, GptPartition partition)
    {
        long bytes = partition.Name switch
        {
            NodeDisk.Esp => partition.SizeBytes - report.EspFreeBytes,
            string name when name == report.RootSlot => report.Verity.TotalBytes,
            _ => 0,
        };
        return bytes == 0 ? "" : ByteText.Size(bytes);
    }

    private static Table Packages(InspectedManifest manifest)
    {
        Table table = new() { Border = TableBorder.Simple };
        table.AddColumns("package", "version", "suite", "archive");
        foreach (InspectedPackage package in manifest.Packages)
        {
            table.AddRow(
                Cell(package.Name), Cell(package.Version), Cell(package.Suite),
                ByteText.Size(package.ArchiveBytes));
        }

        return table;
    }

    private static void Line(IAnsiConsole console, FormattableString text) =>
        console.MarkupLineInterpolated(FormattableStringFactory.Create(
            text.Format, [.. text.GetArguments().Select(value => (object?)PlainText.Of($"{value}"))]));

    private static string Cell(string text) => Markup.Escape(PlainText.Of(text));
}
