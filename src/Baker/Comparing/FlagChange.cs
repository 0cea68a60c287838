namespace Images.Baker.Comparing;

/// <summary>A flag with its value as the file has it.</summary>
internal sealed record FlagChange(string File, char Change, string Flag);
