using System.Collections.Immutable;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// One step from unpacked sources to programs. It is its action and its operands and nothing else, so that what names
/// these names all that is done. Operands write folders, and what only the sources tell, as names in braces.
/// </summary>
internal sealed record SourceBuildStep
{
    private SourceBuildStep(SourceBuildAction action, params ImmutableArray<string> operands)
    {
        Action = action;
        Operands = operands;
    }

    public SourceBuildAction Action { get; }

    public ImmutableArray<string> Operands { get; init; }

    /// <summary>The files of a folder that have these extensions go, those of a package come.</summary>
    public static SourceBuildStep ExchangeSources(
        string folder, string package, params ImmutableArray<string> extensions) =>
        new(SourceBuildAction.ExchangeSources, [folder, package, .. extensions]);

    /// <summary>
    /// A passage must stand in a file exactly once: for what a flag of the compiler changes, which would say nothing.
    /// </summary>
    public static SourceBuildStep RequirePassage(string file, string passage) =>
        new(SourceBuildAction.RequirePassage, file, passage);

    /// <summary>A passage that stands in a file exactly once becomes another.</summary>
    public static SourceBuildStep ReplacePassage(string file, string passage, string replacement) =>
        new(SourceBuildAction.ReplacePassage, file, passage, replacement);

    public static SourceBuildStep WriteFile(string file, string text) => new(SourceBuildAction.WriteFile, file, text);

    /// <summary>Names the date of the source package, for the steps behind this one.</summary>
    public static SourceBuildStep NameDate(string name, string sources, string format) =>
        new(SourceBuildAction.NameDate, name, sources, format);

    /// <summary>
    /// Names the packages that a file marks (<see cref="OpenApiDefinitions.FindPackages"/>), separated by commas, for
    /// the steps behind this one.
    /// </summary>
    public static SourceBuildStep NamePackages(
        string name, string sources, string importPath, string marker, params ImmutableArray<string> roots) =>
        new(SourceBuildAction.NamePackages, [name, sources, importPath, marker, .. roots]);

    public static SourceBuildStep Run(string program, params ImmutableArray<string> arguments) =>
        new(SourceBuildAction.Run, [program, .. arguments]);

    /// <summary>The generator's report must be the one that the sources hold.</summary>
    public static SourceBuildStep RequireSameViolations(string report, string committed) =>
        new(SourceBuildAction.RequireSameViolations, report, committed);
}
