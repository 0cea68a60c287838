using Images.Baker.Manifest;
using Images.Baker.Progress;
using Images.Formats.Gpt;
using Images.NodeConfig;
using Spectre.Console;

namespace Images.Baker.Inspect;

/// <summary>A report for people.</summary>
internal static class ReportTable
{
    public static void Write(ImageReport report, IAnsiConsole console)
    {
        InspectedManifest manifest = report.Manifest;
        console.MarkupLineInterpolated(
            $"[bold]{manifest.Name} {manifest.Version}[/]  of {manifest.Created}, kernel {manifest.Kernel}");
        console.MarkupLineInterpolated($"kubernetes: {Kubernetes(manifest)}");
        console.MarkupLineInterpolated($"roles: {string.Join(", ", report.Roles)}");
        foreach (AddOnFacts addOn in manifest.AddOns)
        {
            console.MarkupLineInterpolated($"add-on: {addOn.File}: {string.Join(", ", addOn.Objects)}");
        }

        console.MarkupLineInterpolated($"disk {report.DiskGuid}, {ByteText.Size(report.DiskBytes)}");
        console.Write(Partitions(report));
        string root = ByteText.Size(report.RootFileSystemBytes);
        string verity = ByteText.Size(report.Verity.HashBytes);
        console.MarkupLineInterpolated(
            $"root: {report.RootNames} names in {root}, verity tree {verity}, root hash {report.Verity.RootHash}");
        console.MarkupLineInterpolated($"kernel command line: {report.CommandLine}");
        foreach ((string path, long bytes) in report.EspFiles)
        {
            console.MarkupLineInterpolated($"esp: {path}  {ByteText.Size(bytes)}");
        }

        console.Write(Packages(manifest));
        string archives = ByteText.Size(manifest.Packages.Sum(package => package.ArchiveBytes));
        console.MarkupLineInterpolated($"{manifest.Packages.Count} packages, {archives} of archives");
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
                partition.Name, ByteText.Size(partition.OffsetBytes), ByteText.Size(partition.SizeBytes),
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
                Markup.Escape(package.Name), Markup.Escape(package.Version), Markup.Escape(package.Suite),
                ByteText.Size(package.ArchiveBytes));
        }

        return table;
    }
}
