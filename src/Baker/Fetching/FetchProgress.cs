namespace Images.Baker.Fetching;

/// <summary>How far the downloads are. Bytes that the cache held count as done from the start.</summary>
/// <param name="Bytes">Done so far.</param>
/// <param name="TotalBytes">All that is needed.</param>
/// <param name="DownloadedBytes">Of <paramref name="Bytes"/>, those that came over the network.</param>
internal readonly record struct FetchProgress(long Bytes, long TotalBytes, long DownloadedBytes);
