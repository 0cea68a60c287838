namespace Images.Baker.Cli;

/// <summary>
/// Standard output as it is, for what draws on a terminal and cleans what others said itself: <see cref="Console.Out"/>
/// lets no control character pass.
/// </summary>
internal static class TerminalOutput
{
    public static TextWriter Open() =>
        new StreamWriter(Console.OpenStandardOutput(), Console.Out.Encoding) { AutoFlush = true };
}
