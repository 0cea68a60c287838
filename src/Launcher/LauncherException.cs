namespace Images.Launcher;

/// <summary>What the user can mend. One line: a stable code, where, what, what to do.</summary>
public sealed class LauncherException(
    string code, string place, string problem, string remedy, Exception? inner = null)
    : Exception($"{code}  {place}  {problem} {remedy}".TrimEnd(), inner)
{
    /// <summary>"BAKE09" and two digits: whoever sees it used <c>baker cluster</c>.</summary>
    public string Code { get; } = code;

    public string Place { get; } = place;

    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;
}
