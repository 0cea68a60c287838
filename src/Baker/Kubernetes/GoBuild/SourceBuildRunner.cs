using System.Collections.Immutable;
using System.Globalization;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>Performs steps of a recipe. Nothing but their operands tells it what to do.</summary>
/// <param name="recipe">Has the folder and the environment of the commands.</param>
/// <param name="names">The folders of this build.</param>
internal sealed class SourceBuildRunner(SourceBuildRecipe recipe, SourceBuildNames names)
{
    /// <param name="steps">Of the recipe; what one names, those behind it know.</param>
    /// <param name="line">Told each line that a command says.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BakeException">A command failed.</exception>
    /// <exception cref="MalformedDataException">The sources are not as a step expects.</exception>
    public void Perform(IEnumerable<SourceBuildStep> steps, Action<string> line, CancellationToken cancellationToken)
    {
        SourceBuildNames known = names;
        foreach (SourceBuildStep step in steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            known = Perform(step, known, line, cancellationToken);
        }
    }

    private SourceBuildNames Perform(
        SourceBuildStep step, SourceBuildNames known, Action<string> line, CancellationToken cancellationToken)
    {
        switch (step.Action, step.Operands)
        {
            case (
                SourceBuildAction.ExchangeSources,
                [string folder, string package, .. ImmutableArray<string> extensions]):
                KubernetesSourceFixes.Exchange(
                    (NameOf(folder), known.Resolve(folder)), (NameOf(package), known.Resolve(package)), extensions);
                return known;
            case (SourceBuildAction.RequirePassage, [string file, string passage]):
                SourceText.Find(known.Resolve(file), NameOf(file), passage);
                return known;
            case (SourceBuildAction.ReplacePassage, [string file, string passage, string replacement]):
                SourceText.Replace(known.Resolve(file), NameOf(file), passage, replacement);
                return known;
            case (SourceBuildAction.WriteFile, [string file, string text]):
                File.WriteAllText(known.Resolve(file), text);
                return known;
            case (SourceBuildAction.NameDate, [string name, string sources, string format]):
                DateTimeOffset date = DebianSourceTree.ReadDate(known.Resolve(sources), NameOf(sources));
                return known.With(name, date.UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
            case (
                SourceBuildAction.NamePackages,
                [string name, string sources, string importPath, string marker, .. ImmutableArray<string> roots]):
                return known.With(name, string.Join(',', OpenApiDefinitions
                    .FindPackages(known.Resolve(sources), marker, roots)
                    .Select(folder => $"{importPath}/{folder}")));
            case (SourceBuildAction.Run, [string program, .. ImmutableArray<string> arguments]):
                new GoProcess(known.Resolve(recipe.Folder), known.Resolve(recipe.Environment)).Run(
                    known.Resolve(program), [.. arguments.Select(known.Resolve)], line, cancellationToken);
                return known;
            case (SourceBuildAction.RequireSameViolations, [string report, string committed]):
                OpenApiDefinitions.RequireSameViolations(
                    known.Resolve(report), known.Resolve(committed), NameOf(committed));
                return known;
            default:
                throw new InvalidOperationException(
                    $"The step {step.Action} does not take {step.Operands.Length} operands.");
        }
    }

    /// <summary>What errors call a file: its place in the work folder, which is gone when they are read.</summary>
    private static string NameOf(string path) => path[(path.LastIndexOf('}') + 1)..].TrimStart('/');
}
