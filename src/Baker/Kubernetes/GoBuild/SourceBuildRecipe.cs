using System.Collections.Immutable;
using System.Text;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// What is done to unpacked sources until they are programs: what <see cref="SourceBuildRunner"/>
/// performs, and what the key of the programs is made of. It holds nothing of the machine: neither folders
/// nor users nor what is installed.
/// </summary>
internal sealed record SourceBuildRecipe
{
    /// <summary>In which every command runs.</summary>
    public required string Folder { get; init; }

    /// <summary>All that a command finds in its environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public required ImmutableArray<SourceBuildStep> Fixes { get; init; }

    public required ImmutableArray<SourceBuildStep> OpenApi { get; init; }

    public required ImmutableArray<SourceBuildStep> Compile { get; init; }

    /// <summary>Another one for each change of a command, of the environment or of a fix.</summary>
    public Digest ComputeDigest()
    {
        StringBuilder text = new();
        Add(text, [Folder]);
        Add(text, [.. Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .SelectMany(variable => (string[])[variable.Key, variable.Value])]);
        foreach (SourceBuildStep step in (ImmutableArray<SourceBuildStep>)[.. Fixes, .. OpenApi, .. Compile])
        {
            Add(text, [step.Action.ToString(), .. step.Operands]);
        }

        return Digest.Sha256(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>With counts and lengths, so that no two recipes are one text.</summary>
    private static void Add(StringBuilder text, ImmutableArray<string> parts)
    {
        text.Append(parts.Length).Append('\n');
        foreach (string part in parts)
        {
            text.Append(part.Length).Append(' ').Append(part).Append('\n');
        }
    }
}
