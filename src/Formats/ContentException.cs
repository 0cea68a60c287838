namespace Images.Formats;

/// <summary>
/// A format cannot hold what it was given, or the file that it is written to cannot take it. The program that asked
/// maps it at its outermost edge.
/// </summary>
/// <param name="code">"BAKE" and four digits.</param>
/// <param name="place">What it was: a path of the tree, an option, a file.</param>
/// <param name="remedy">What to do, a sentence.</param>
internal sealed class ContentException(
    string code, string place, string problem, string remedy, Exception? inner = null)
    : Exception($"{code}  {place}  {problem} {remedy}", inner)
{
    public string Code { get; } = code;

    public string Place { get; } = place;

    /// <summary>The content is well, the file cannot be written.</summary>
    public bool IsOfTheOutput { get; init; }
}
