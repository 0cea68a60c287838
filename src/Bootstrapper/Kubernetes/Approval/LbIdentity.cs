using Images.NodeConfig;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Who an lb is to the Kubernetes API: the user <c>images:lb:HOST</c> of the group <c>images:lb</c>, by a certificate
/// that masters give it as they give workers theirs.
/// </summary>
internal static class LbIdentity
{
    public const string Group = "images:lb";
    public const string UserPrefix = Group + ":";

    /// <summary>Certificate and key in one file, as haproxy reads them.</summary>
    public const string Certificate = Folder + "/client.pem";

    /// <summary>The key of a request that is under way.</summary>
    public const string RequestKey = Folder + "/client.key.tmp";

    /// <summary>haproxy, which shows it to API servers, is in this group.</summary>
    public const string Owner = "root:haproxy";

    public const string Signer = "kubernetes.io/kube-apiserver-client";

    private const string Folder = NodePaths.Pki + "/lb";

    public static string UserOf(string host) => UserPrefix + host;
}
