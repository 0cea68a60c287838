using System.Collections.Immutable;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>One change to the sources of Kubernetes before they are built.</summary>
/// <param name="Change">What the manifest says of it: the licence asks that changed files are named as such.</param>
/// <param name="Steps">How it is made.</param>
internal sealed record SourceFix(string Change, params ImmutableArray<SourceBuildStep> Steps);
