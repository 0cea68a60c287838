namespace Images.Baker.Layers;

/// <summary>Keeps or drops what a glob names, and everything below it.</summary>
internal sealed record PruneRule(bool Keeps, PathGlob Glob)
{
    /// <summary>Reads <c>drop GLOB</c> or <c>keep GLOB</c>.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static PruneRule Parse(string text)
    {
        string[] words = text.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words is ["drop" or "keep", string glob]
            ? new PruneRule(words[0] == "keep", PathGlob.Parse(glob))
            : throw new FormatException($"'{text}' is no pruning rule; write 'drop GLOB' or 'keep GLOB'.");
    }

    public override string ToString() => $"{(Keeps ? "keep" : "drop")} {Glob.Pattern}";
}
