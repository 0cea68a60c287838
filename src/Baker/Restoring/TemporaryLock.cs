using Images.Baker.Locking;

namespace Images.Baker.Restoring;

/// <summary>What is done where pinned files are gone from the mirrors and from the snapshot archive.</summary>
internal static class TemporaryLock
{
    /// <summary>
    /// Resolves anew for this bake, unless that is refused, and says what moved. The committed lock stays as it is.
    /// </summary>
    /// <param name="request">Whose lock no longer holds.</param>
    /// <param name="kind">What is gone, for messages: packages, files.</param>
    /// <param name="gone">Their names.</param>
    /// <param name="whose">What is resolved anew where it is not all; else empty.</param>
    /// <param name="resolve">Makes the new lock.</param>
    /// <param name="notice">Told what moved.</param>
    /// <exception cref="BakeException">Another lock is refused, or cannot be had or written.</exception>
    public static async Task<ImageLock> MakeAsync(
        RestoreRequest request,
        string kind,
        string gone,
        string whose,
        Func<Task<ImageLock>> resolve,
        Action<string> notice)
    {
        if (request.InsistOnLock)
        {
            throw new BakeException(
                "BAKE0333",
                request.LockName,
                $"No mirror and no snapshot has these any more: {gone}.",
                "Run 'baker lock' and commit the result, or bake without --locked.",
                BakeFault.Source);
        }

        string resolving = whose.Length == 0 ? "Resolving anew" : $"Resolving {whose} anew";
        notice(
            $"Pinned {kind} are gone from the mirrors: {gone}. "
            + $"{resolving} for this bake only; '{request.LockName}' stays as it is.");
        ImageLock relocked = await resolve();
        foreach (string change in LockDifference.Describe(request.Lock, relocked))
        {
            notice(change);
        }

        ImageLockFile.Write(request.TemporaryLock, relocked);
        return relocked;
    }
}
