using System.Text.RegularExpressions;
using Images.Formats;

namespace Images.Baker.Plan;

/// <summary>
/// A whole name of a container image: host, repository, and a tag, a digest or both, as in
/// <c>registry.k8s.io/coredns/coredns:v1.12.1</c>. No host is ever added in thought.
/// </summary>
internal sealed partial record ContainerReference
{
    private const int LongestRepository = 255;

    private ContainerReference(string host, string repository, string? tag, Digest? digest)
    {
        Host = host;
        Repository = repository;
        Tag = tag;
        Digest = digest;
    }

    /// <summary>With its port, if it has one.</summary>
    public string Host { get; }

    public string Repository { get; }

    public string? Tag { get; }

    public Digest? Digest { get; }

    /// <summary>The last part of the repository: what people call the image.</summary>
    public string ShortName => Repository[(Repository.LastIndexOf('/') + 1)..];

    /// <summary>Null where the text is no whole name with a tag or a digest.</summary>
    public static ContainerReference? TryParse(string text)
    {
        Match match = Grammar().Match(text);
        string host = match.Groups["host"].Value, repository = match.Groups["repository"].Value;
        bool namesHost = host.Contains('.', StringComparison.Ordinal)
            || host.Contains(':', StringComparison.Ordinal)
            || host == "localhost";
        return match.Success && namesHost && repository.Length <= LongestRepository && (match.Groups["tag"].Success
            || match.Groups["digest"].Success)
            ? new ContainerReference(
                host, repository, ValueOf(match, "tag"),
                ValueOf(match, "digest") is { } digest ? Digest.Parse(digest) : null)
            : null;
    }

    /// <summary>The same repository, by content.</summary>
    public ContainerReference At(Digest digest) => new(Host, Repository, tag: null, digest);

    public override string ToString() =>
        $"{Host}/{Repository}{(Tag is null ? "" : $":{Tag}")}{(Digest is null ? "" : $"@{Digest}")}";

    private static string? ValueOf(Match match, string group) =>
        match.Groups[group] is { Success: true } found ? found.Value : null;

    // the grammar of the distribution specification; upper case in a host is not written by anyone and is refused
    [GeneratedRegex("""
        \A(?<host>([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(:[0-9]{1,5})?)
        /(?<repository>[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*)
        (:(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?
        (@(?<digest>sha256:[0-9a-f]{64}))?\z
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}
