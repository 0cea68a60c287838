namespace Images.NodeConfig;

/// <summary>
/// Text written by a person (image.yaml, a role file, user-data) breaks a rule. The message has the form
/// <c>source:line:column  what is wrong. What to do.</c> Lines and columns count from 1.
/// </summary>
public sealed class ConfigurationException(string source, int line, int column, string problem, string remedy)
    : Exception($"{source}:{line}:{column}  {problem} {remedy}")
{
    public string SourceName { get; } = source;

    public int Line { get; } = line;

    public int Column { get; } = column;

    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;
}
