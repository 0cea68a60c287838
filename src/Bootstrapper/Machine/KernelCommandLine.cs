namespace Images.Bootstrapper.Machine;

/// <summary>Words of <c>/proc/cmdline</c>; double quotes keep blanks, as the kernel reads them.</summary>
internal static class KernelCommandLine
{
    public static string Read(NodeRoot root) =>
        File.Exists(root["/proc/cmdline"]) ? File.ReadAllText(root["/proc/cmdline"]).Trim() : "";

    /// <summary>The value of the last word <c>key=value</c>; null when there is none.</summary>
    public static string? Value(string commandLine, string key) => Words(commandLine)
        .LastOrDefault(word => word.StartsWith(key + "=", StringComparison.Ordinal))
        ?[(key.Length + 1)..];

    public static bool HasWord(string commandLine, string word) =>
        Words(commandLine).Contains(word, StringComparer.Ordinal);

    private static IEnumerable<string> Words(string commandLine)
    {
        List<char> word = [];
        bool quoted = false;
        foreach (char character in commandLine)
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (char.IsWhiteSpace(character) && !quoted)
            {
                if (word.Count > 0)
                {
                    yield return string.Concat(word);
                    word.Clear();
                }
            }
            else
            {
                word.Add(character);
            }
        }

        if (word.Count > 0)
        {
            yield return string.Concat(word);
        }
    }
}
