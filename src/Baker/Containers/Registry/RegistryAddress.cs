using System.Net;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Containers.Registry;

/// <summary>
/// Addresses of the distribution API (OCI distribution specification 1.1). Plain http is for this machine only.
/// </summary>
internal static class RegistryAddress
{
    private static readonly string[] _resources = ["/blobs/", "/manifests/"];

    /// <param name="image">Host and repository.</param>
    /// <param name="tagOrDigest">Which manifest.</param>
    public static Uri OfManifest(ContainerReference image, string tagOrDigest) =>
        new($"{RootOf(image)}/manifests/{tagOrDigest}");

    public static Uri OfBlob(ContainerReference image, Digest digest) => new($"{RootOf(image)}/blobs/{digest}");

    /// <summary>The repository within an address that this class made; null for any other address.</summary>
    public static string? RepositoryOf(Uri address)
    {
        string path = address.AbsolutePath;
        int end = _resources.Max(resource => path.LastIndexOf(resource, StringComparison.Ordinal));
        return path.StartsWith("/v2/", StringComparison.Ordinal) && end > "/v2/".Length
            ? path["/v2/".Length..end]
            : null;
    }

    /// <summary>
    /// Whether bytes and tokens may travel to and from this address: by https, or without leaving the machine.
    /// </summary>
    public static bool IsSafe(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && IsThisMachine(address.Host));

    private static string RootOf(ContainerReference image)
    {
        Uri secure = new($"https://{image.Host}/v2/{image.Repository}");
        return IsThisMachine(secure.Host) ? $"http://{image.Host}/v2/{image.Repository}" : secure.AbsoluteUri;
    }

    private static bool IsThisMachine(string host) =>
        host == "localhost" || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
