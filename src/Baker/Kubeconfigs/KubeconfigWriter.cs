using System.Text.RegularExpressions;
using Images.Baker.Pki;
using Images.Baker.Seeds;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Kubeconfigs;

/// <summary>
/// Makes a kubeconfig out of a cluster's secrets: a client certificate that expires, and the authority to trust.
/// </summary>
internal static partial class KubeconfigWriter
{
    /// <summary>Writes the file for its owner only.</summary>
    /// <returns>When the certificate ends.</returns>
    /// <exception cref="BakeException">The order cannot be met; then nothing is written.</exception>
    public static DateTimeOffset Write(KubeconfigOrder order, TimeProvider clock)
    {
        Uri server = CheckServer(order.Server, "--server");
        TimeSpan validity = ValidityPeriod.TryParse(order.Validity)
            ?? throw new BakeException(
                "BAKE0822", "--validity", $"'{order.Validity}' is no period.",
                "Write a whole number of minutes, hours or days, at most 3660d: 90m, 8h, 30d.");
        CheckNames(order);
        CertificateAuthority authority = ClusterFolder.Open(order.SeedFolder, order.Cluster)[ClusterSecrets.Kubernetes];
        DateTimeOffset now = clock.GetUtcNow();
        RefuseBeyondAuthority(order, authority, now + validity);
        if (Path.Exists(order.OutputFile) && !order.Force)
        {
            throw new BakeException(
                "BAKE0824", order.OutputFile, "exists already.",
                "Name another file with --out, or replace it with --force.", BakeFault.Output);
        }

        AdministratorCertificate certificate = AdministratorCertificate.Mint(
            authority, order.User, order.Groups, now, now + validity);
        PrivateFile.Write(
            order.OutputFile, KubeconfigText.Write(order.Cluster, server, order.User, authority, certificate));
        return certificate.Expires;
    }

    /// <param name="place">Where it is written.</param>
    public static Uri CheckServer(string server, string place) =>
        Uri.TryCreate(server, UriKind.Absolute, out Uri? address)
            && address.Scheme == Uri.UriSchemeHttps
            && address.Host.Length > 0
            && address.UserInfo.Length == 0
            && address.Query.Length == 0
            && address.Fragment.Length == 0
            ? address
            : throw new BakeException(
                "BAKE0821", place, $"'{ShownUrl.Of(server)}' is no https address of an API server.",
                "Write for example https://masters.demo.k8s:6443.");

    private static void CheckNames(KubeconfigOrder order)
    {
        foreach ((string option, string name) in order.Groups
            .Select(group => ("--group", group))
            .Prepend(("--user", order.User)))
        {
            if (!Name().IsMatch(name))
            {
                throw new BakeException(
                    "BAKE0823", option, $"'{name}' is no name.",
                    "Use up to 63 letters, digits, ':', '@', '.', '_' and '-', the first one a letter or digit.");
            }
        }

        if (order.Groups.Count == 0)
        {
            throw new BakeException(
                "BAKE0823", "--group", "a user without a group may do nothing.",
                $"Name a group, or leave the option out for {KubeconfigOrder.Administrators}.");
        }
    }

    private static void RefuseBeyondAuthority(
        KubeconfigOrder order, CertificateAuthority authority, DateTimeOffset expires)
    {
        DateTimeOffset end = AdministratorCertificate.EndOf(authority);
        if (expires > end)
        {
            throw new BakeException(
                "BAKE0822", "--validity",
                $"'{order.Validity}' from now is after {end:u}, when the cluster's authority itself ends.",
                "Ask for less; an authority that has ended must be replaced.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9:@._-]{0,62}\z")]
    private static partial Regex Name();
}
