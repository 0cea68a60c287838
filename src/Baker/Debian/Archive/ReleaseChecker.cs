using Images.Baker.Locking;
using Images.Baker.OpenPgp;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// Decides whether an InRelease may be believed: signature, suite, age. Only the text that was signed is parsed.
/// </summary>
internal sealed class ReleaseChecker(TimeProvider clock)
{
    /// <param name="file">The InRelease as it was downloaded.</param>
    /// <param name="suite">The suite that was asked for.</param>
    /// <param name="previous">The release of that suite in the lock so far, or null.</param>
    /// <param name="place">What errors call the file.</param>
    /// <exception cref="BakeException">It may not be believed.</exception>
    /// <exception cref="MalformedDataException">The signed text is no Release file.</exception>
    public SignedRelease Check(byte[] file, SuitePlan suite, LockedRelease? previous, string place)
    {
        (CleartextMessage message, OpenPgpVerdict verdict) = Verify(file, suite, place);
        ReleaseFile release = ReleaseFile.Parse(message.Text, place);
        RequireSuite(release, suite, place);
        RequireFreshness(release, previous, place);
        return new SignedRelease { InRelease = Digest.Sha256(file), Release = release, SignedBy = verdict.SignedBy };
    }

    /// <summary>
    /// Whether an InRelease that a lock pins is what the lock says of it. It may have expired since.
    /// </summary>
    /// <param name="file">The InRelease, of the digest that is pinned.</param>
    /// <param name="suite">The suite of the plan.</param>
    /// <param name="pinned">What the lock says.</param>
    /// <param name="place">What errors call the file.</param>
    /// <exception cref="BakeException">It may not be believed, or is of another day or by another key.</exception>
    /// <exception cref="MalformedDataException">The signed text is no Release file.</exception>
    public ReleaseFile CheckPinned(byte[] file, SuitePlan suite, LockedRelease pinned, string place)
    {
        (CleartextMessage message, OpenPgpVerdict verdict) = Verify(file, suite, place);
        ReleaseFile release = ReleaseFile.Parse(message.Text, place);
        RequireSuite(release, suite, place);
        return verdict.SignedBy.SequenceEqual(pinned.SignedBy, StringComparer.Ordinal)
            && release.Date == pinned.Date
            ? release
            : throw new BakeException(
                "BAKE0350", place,
                $"The lock says {pinned.Date:u}, signed by {string.Join(", ", pinned.SignedBy)}; its InRelease is of "
                    + $"{release.Date:u}, signed by {string.Join(", ", verdict.SignedBy)}.",
                "Restore the lock from version control, or make it anew with 'baker lock'.");
    }

    private (CleartextMessage Message, OpenPgpVerdict Verdict) Verify(byte[] file, SuitePlan suite, string place)
    {
        OpenPgpVerifier verifier = new(PinnedKeys.Load(suite.Keys), clock.GetUtcNow());
        try
        {
            CleartextMessage message = CleartextMessage.Parse(file, place);
            OpenPgpVerdict verdict = verifier.Verify(message, place);
            return verdict.SignedBy.IsEmpty
                ? throw Unsigned(place, $"None of its signatures counts: {string.Join("; ", verdict.Rejections)}.")
                : (message, verdict);
        }
        catch (MalformedDataException exception)
        {
            throw Unsigned(place, $"It is not a signed text: {exception.Rule}.", exception);
        }
    }

    private static BakeException Unsigned(string place, string problem, Exception? inner = null) => new(
        "BAKE0320", place, problem,
        "Use another mirror (--mirror); if Debian has new keys, add them to keys/ and image.yaml.", BakeFault.Source,
        inner);

    private static void RequireSuite(ReleaseFile release, SuitePlan suite, string place)
    {
        if (release.Codename != suite.Suite && release.Suite != suite.Suite)
        {
            throw new BakeException(
                "BAKE0323", place, $"It is the release of '{release.Codename}', not of '{suite.Suite}'.",
                "Use another mirror (--mirror).", BakeFault.Source);
        }
    }

    private void RequireFreshness(ReleaseFile release, LockedRelease? previous, string place)
    {
        if (previous is not null && release.Date < previous.Date)
        {
            throw new BakeException(
                "BAKE0321", place,
                $"It is of {release.Date:u}, older than the {previous.Date:u} of the lock: the mirror is behind, "
                    + "or somebody replays an old one.",
                "Use another mirror (--mirror), or delete the lock if you want to go back.", BakeFault.Source);
        }

        if (release.ValidUntil < clock.GetUtcNow())
        {
            throw new BakeException(
                "BAKE0322", place, $"It was valid until {release.ValidUntil:u}.",
                "Use a mirror that is up to date (--mirror), and see that this machine's clock is right.",
                BakeFault.Source);
        }
    }
}
