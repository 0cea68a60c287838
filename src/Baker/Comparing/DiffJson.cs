using System.Text;
using System.Text.Json;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Comparing;

/// <summary>A comparison for programs. Sizes in bytes.</summary>
internal static class DiffJson
{
    public static string Text(ImageDiff diff)
    {
        using MemoryStream output = new();
        using (Utf8JsonWriter json = new(output, IndentedJson.Options))
        {
            Write(json, diff);
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void Write(Utf8JsonWriter json, ImageDiff diff)
    {
        json.WriteStartObject();
        json.WriteString("old", diff.OldVersion);
        json.WriteString("new", diff.NewVersion);
        json.WriteBoolean("same", diff.IsSame);
        json.WriteBoolean("allowed", diff.IsAllowed);
        json.WriteString("oldKernel", diff.OldKernel);
        json.WriteString("newKernel", diff.NewKernel);
        foreach ((string name, SkewVerdict verdict) in new[] { ("kubernetes", diff.Kubernetes), ("etcd", diff.Etcd) })
        {
            json.WriteStartObject(name);
            json.WriteBoolean("allowed", verdict.IsAllowed);
            json.WriteString("reason", verdict.Reason);
            json.WriteString("remedy", verdict.Remedy);
            json.WriteEndObject();
        }

        json.WriteNumber("rootBytes", diff.RootBytes);
        json.WriteNumber("slotBytes", diff.SlotBytes);
        json.WriteStartArray("removedApis");
        foreach (RemovedApi api in diff.RemovedApis)
        {
            json.WriteStartObject();
            json.WriteString("since", api.Since);
            json.WriteString("apiVersion", api.ApiVersion);
            json.WriteString("kinds", string.Join(' ', api.Kinds));
            json.WriteString("instead", api.Instead);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("packages");
        foreach (PackageChange package in diff.Packages)
        {
            json.WriteStartObject();
            json.WriteString("name", package.Name);
            json.WriteString("old", package.Old);
            json.WriteString("new", package.New);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteFiles(json, "units", diff.Units);
        WriteFiles(json, "roleFiles", diff.RoleFiles);
        json.WriteStartArray("flags");
        foreach (FlagChange flag in diff.Flags)
        {
            json.WriteStringValue($"{flag.Change} {flag.Flag} {flag.File}");
        }

        json.WriteEndArray();
        json.WriteNumber("otherFiles", diff.OtherFiles);
        json.WriteEndObject();
    }

    private static void WriteFiles(Utf8JsonWriter json, string name, IReadOnlyList<FileChange> files)
    {
        json.WriteStartArray(name);
        foreach (FileChange file in files)
        {
            json.WriteStringValue($"{file.Change} {file.Path}");
        }

        json.WriteEndArray();
    }
}
