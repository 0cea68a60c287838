namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>What a step of a recipe does; <see cref="SourceBuildStep"/> says with which operands.</summary>
internal enum SourceBuildAction
{
    ExchangeSources,
    RequirePassage,
    ReplacePassage,
    WriteFile,
    NameDate,
    NamePackages,
    Run,
    RequireSameViolations,
}
