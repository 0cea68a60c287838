using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Images.Baker.Comparing;

namespace Images.Baker.Cli;

/// <summary>
/// <c>baker diff OLD NEW</c>: what an upgrade from one image to another would change, and whether it may be.
/// </summary>
internal static class DiffCommand
{
    private static readonly JsonWriterOptions _indented = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create()
    {
        Argument<string> older = new("old") { Description = "A raw disk that baker made: what machines run." };
        Argument<string> newer = new("new") { Description = "Another: what they would run." };
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new(
            "diff",
            "Compares two images: versions, packages, units, roles' files and flags, "
                + "and whether one may follow the other.")
        {
            older, newer, json,
        };
        command.SetAction(result => Run(result.GetValue(older)!, result.GetValue(newer)!, result.GetValue(json)));
        return command;
    }

    private static int Run(string older, string newer, bool asJson)
    {
        ImageDiff diff = ImageComparer.Compare(older, newer);
        if (asJson)
        {
            using Stream output = Console.OpenStandardOutput();
            Write(diff, output);
            output.WriteByte((byte)'\n');
        }
        else
        {
            DiffText.Write(diff, Console.Out);
        }

        return diff.IsAllowed ? 0 : 1;
    }

    private static void Write(ImageDiff diff, Stream output)
    {
        using Utf8JsonWriter json = new(output, _indented);
        json.WriteStartObject();
        json.WriteString("old", diff.OldVersion);
        json.WriteString("new", diff.NewVersion);
        json.WriteBoolean("same", diff.IsSame);
        json.WriteBoolean("allowed", diff.IsAllowed);
        json.WriteString("oldKernel", diff.OldKernel);
        json.WriteString("newKernel", diff.NewKernel);
        foreach ((string name, var verdict) in new[] { ("kubernetes", diff.Kubernetes), ("etcd", diff.Etcd) })
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
        foreach (var api in diff.RemovedApis)
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
