using System.Text.Json;
using Images.Baker.Manifest;
using Images.Formats.Gpt;

namespace Images.Baker.Inspect;

/// <summary>A report for programs. Sizes and offsets in bytes.</summary>
internal static class ReportJson
{
    public static void Write(ImageReport report, Stream output)
    {
        using Utf8JsonWriter json = new(output, IndentedJson.Options);
        json.WriteStartObject();
        json.WriteString("name", report.Manifest.Name);
        json.WriteString("version", report.Manifest.Version);
        json.WriteString("created", report.Manifest.Created);
        json.WriteString("kernel", report.Manifest.Kernel);
        if (report.Manifest.Kubernetes is { } kubernetes)
        {
            json.WriteStartObject("kubernetes");
            json.WriteString("version", kubernetes.Version);
            json.WriteString("source", kubernetes.Source);
            json.WriteString("endOfLife", kubernetes.EndOfLife);
            json.WriteStartArray("licences");
            foreach (string licence in kubernetes.Licences)
            {
                json.WriteStringValue(licence);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartObject("addons");
        foreach (AddOnFacts addOn in report.Manifest.AddOns)
        {
            json.WriteStartArray(addOn.File);
            foreach (string item in addOn.Objects)
            {
                json.WriteStringValue(item);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteString("kernelImage", report.KernelImage);
        json.WriteString("commandLine", report.CommandLine);
        json.WriteStartArray("roles");
        foreach (string role in report.Roles)
        {
            json.WriteStringValue(role);
        }

        json.WriteEndArray();
        json.WriteStartObject("disk");
        json.WriteString("guid", report.DiskGuid);
        json.WriteNumber("size", report.DiskBytes);
        json.WriteEndObject();
        WritePartitions(json, report);
        WriteRoot(json, report);
        WriteEsp(json, report);
        WritePackages(json, report);
        json.WriteEndObject();
    }

    private static void WritePartitions(Utf8JsonWriter json, ImageReport report)
    {
        json.WriteStartArray("partitions");
        foreach (GptPartition partition in report.Partitions)
        {
            json.WriteStartObject();
            json.WriteString("name", partition.Name);
            json.WriteString("type", partition.TypeGuid);
            json.WriteString("guid", partition.PartitionGuid);
            json.WriteNumber("offset", partition.OffsetBytes);
            json.WriteNumber("size", partition.SizeBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRoot(Utf8JsonWriter json, ImageReport report)
    {
        json.WriteStartObject("root");
        json.WriteString("slot", report.RootSlot);
        json.WriteNumber("fileSystemSize", report.RootFileSystemBytes);
        json.WriteNumber("names", report.RootNames);
        json.WriteString("rootHash", report.Verity.RootHash);
        json.WriteString("salt", report.Verity.Salt);
        json.WriteNumber("dataBlocks", report.Verity.DataBlocks);
        json.WriteNumber("hashOffset", report.Verity.HashOffsetBytes);
        json.WriteNumber("hashSize", report.Verity.HashBytes);
        json.WriteEndObject();
    }

    private static void WriteEsp(Utf8JsonWriter json, ImageReport report)
    {
        json.WriteStartObject("esp");
        json.WriteNumber("free", report.EspFreeBytes);
        json.WriteStartObject("files");
        foreach ((string path, long bytes) in report.EspFiles)
        {
            json.WriteNumber(path, bytes);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePackages(Utf8JsonWriter json, ImageReport report)
    {
        json.WriteStartArray("packages");
        foreach (InspectedPackage package in report.Manifest.Packages)
        {
            json.WriteStartObject();
            json.WriteString("name", package.Name);
            json.WriteString("version", package.Version);
            json.WriteString("suite", package.Suite);
            json.WriteNumber("size", package.ArchiveBytes);
            json.WriteString("digest", package.Digest.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
