namespace Images.Baker.Comparing;

/// <summary>A package in two versions; null where it is not there.</summary>
internal sealed record PackageChange(string Name, string? Old, string? New);
