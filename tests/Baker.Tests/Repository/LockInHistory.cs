using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>What became of image.lock.json since the commit that a checkout's work began with.</summary>
internal sealed record LockInHistory
{
    private const string Lock = "image.lock.json";
    private const string Texts = "image.lock.releases";

    private static readonly string[] _mainBranches = ["refs/remotes/origin/main", "refs/heads/main"];

    /// <summary>False without git, and in a clone that has one commit only.</summary>
    public required bool IsKnown { get; init; }

    public bool IsChanged { get; init; }

    /// <summary>Null where there was none.</summary>
    public string? Before { get; init; }

    /// <summary>
    /// Compares the files as they lie there, so that changes not committed count too, with where the branch left main; on main itself, with
    /// the commit before the last.
    /// </summary>
    public static LockInHistory Of(string checkout)
    {
        // the folder of another repository above this one would be asked in place of it
        if (!Path.Exists(Path.Combine(checkout, ".git")) || Begin(checkout) is not { } begin)
        {
            return new LockInHistory { IsKnown = false };
        }

        JudgeResult before = Git(checkout, "show", $"{begin}:{Lock}");
        return new LockInHistory
        {
            IsKnown = true,
            IsChanged = Git(checkout, "diff", "--quiet", begin, "--", Lock, Texts).ExitCode != 0,
            Before = before.ExitCode == 0 ? before.Output : null,
        };
    }

    private static string? Begin(string checkout)
    {
        string? head = Commit(checkout, "rev-parse", "--verify", "--quiet", "HEAD");
        foreach (string branch in _mainBranches)
        {
            if (Commit(checkout, "merge-base", "HEAD", branch) is { } common && common != head)
            {
                return common;
            }
        }

        return Commit(checkout, "rev-parse", "--verify", "--quiet", "HEAD^");
    }

    private static string? Commit(string checkout, params string[] arguments) =>
        Git(checkout, arguments) is { ExitCode: 0 } answer ? answer.Output.Trim() : null;

    private static JudgeResult Git(string checkout, params string[] arguments) =>
        Judge.Try("git", ["-c", "safe.directory=*", "-C", checkout, .. arguments]);
}
