namespace Images.NodeConfig;

/// <summary>
/// A URL as it may be shown: user, password and query often are keys, and consoles, <c>why</c>, <c>status</c> and the
/// logs of a build are for others, too.
/// </summary>
public static class ShownUrl
{
    /// <summary>What is no whole URL loses what would be secret in one; a path is left as it is.</summary>
    public static string Of(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is ("http" or "https"))
        {
            return $"{address.Scheme}://{address.Authority}{address.AbsolutePath}";
        }

        if (url.StartsWith('/'))
        {
            return url;
        }

        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        int start = scheme < 0 ? 0 : scheme + 3;
        string place = url[start..].Split('?', '#')[0];
        return url[..start] + place[(place.LastIndexOf('@') + 1)..];
    }
}
