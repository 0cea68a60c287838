using System.Collections.Immutable;

namespace Images.Baker.Debian.Archive;

/// <summary>What is asked of the suites for one use.</summary>
/// <param name="Asked">Names asked for.</param>
/// <param name="WithEssential">Whether Essential packages come too.</param>
internal readonly record struct PackageRequest(ImmutableArray<string> Asked, bool WithEssential);
