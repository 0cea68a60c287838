using System.Net.Http.Headers;
using System.Text;

namespace Images.Baker.Fetching;

/// <summary>
/// A server that holds one archive. Credentials in its address go into the request's header and nowhere else: never
/// into the lock, a message or the cache.
/// </summary>
internal sealed class Mirror
{
    private readonly Uri _root;

    /// <param name="root">
    /// Address of the archive's root (the folder that holds dists/ and pool/), http or https.
    /// </param>
    public Mirror(Uri root)
    {
        UriBuilder bare = new(root)
        {
            UserName = "",
            Password = "",
            Query = "",
            Fragment = "",
            Path = root.AbsolutePath.TrimEnd('/') + "/",
        };
        _root = bare.Uri;
        Authorization = root.UserInfo.Length == 0
            ? null
            : new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(root.UserInfo))));
    }

    public AuthenticationHeaderValue? Authorization { get; }

    /// <summary>Address of a file by its path below the archive's root.</summary>
    public Uri AddressOf(string path) =>
        new(_root, string.Join('/', path
            .Split('/')
            .Select(part => Uri.EscapeDataString(part).Replace("%2B", "+", StringComparison.Ordinal))));

    /// <summary>The address without credentials.</summary>
    public override string ToString() => _root.ToString();
}
