namespace Images.Baker.Comparing;

/// <summary>A file that is new, gone or another.</summary>
/// <param name="Path">From the root, without a slash at its beginning.</param>
/// <param name="Change">One of <c>+</c>, <c>-</c>, <c>~</c>.</param>
internal sealed record FileChange(string Path, char Change);
