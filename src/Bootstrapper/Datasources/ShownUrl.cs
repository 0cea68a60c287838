namespace Images.Bootstrapper.Datasources;

/// <summary>
/// A URL as it may be shown: user, password and query often are keys, and consoles, <c>why</c> and <c>status</c> are
/// for everybody on the machine.
/// </summary>
internal static class ShownUrl
{
    public static string Of(string url)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.Scheme is ("http" or "https"))
        {
            return $"{address.Scheme}://{address.Authority}{address.AbsolutePath}";
        }

        int start = url.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
        {
            return url;
        }

        string place = url[(start + 3)..].Split('?', '#')[0];
        return url[..(start + 3)] + place[(place.LastIndexOf('@') + 1)..];
    }
}
