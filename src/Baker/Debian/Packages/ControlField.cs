namespace Images.Baker.Debian.Packages;

/// <summary>
/// One field of a control paragraph. Continuation lines of the value follow after '\n', each with the blank it began
/// with, so that "Name: Value" is the field as it stood.
/// </summary>
public readonly record struct ControlField(string Name, string Value)
{
    public override string ToString() =>
        Value.StartsWith('\n') || Value.Length == 0 ? $"{Name}:{Value}" : $"{Name}: {Value}";
}
