namespace Images.Baker.Fetching;

/// <summary>A mirror did not deliver. Another one may; the caller decides.</summary>
internal sealed class DownloadException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it answered, with bytes that are not the file's.</summary>
    public bool SentWrongBytes { get; init; }
}
