using System.Text;
using System.Text.RegularExpressions;
using Images.Formats;
using Images.Formats.Iso9660;
using Images.Formats.Tree;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>Makes a seed: user-data, meta-data and, of the two, an ISO for the NoCloud datasource.</summary>
internal static partial class SeedWriter
{
    public const string UserData = "user-data";

    /// <summary>2026-01-01: the same seed is the same bytes, whenever it is written.</summary>
    private const long IsoTimeUnixSeconds = 1_767_225_600;

    /// <summary>Returns what was written: the user-data, the meta-data and the ISO.</summary>
    public static SeedResult Write(SeedOrder order, TimeProvider clock)
    {
        SeedRoles roles = Check(order);
        order = order.Single ? order with { Size = 1 } : order;
        ClusterFolder cluster = ClusterFolder.OpenOrCreate(order, clock);
        if (roles.IsLb || roles.RunsControlPlane)
        {
            cluster.EnsureLbToken();
        }

        CheckTokens(order, roles, cluster.Kubernetes, clock);

        ClusterNetwork network = cluster.NetworkOf(order);
        string userData = UserDataText.Write(order, roles, cluster, network);
        RefuseTooLong(userData);

        // as every machine will read it
        _ = CloudConfig.Parse(userData, "user-data", ProductRoles.All);
        string metaData = MetaData(userData);
        if (roles.IsOfKubernetes)
        {
            cluster.Record(network);
        }

        string folder = Path.Combine(order.OutputFolder, roles.FolderName);
        string iso = folder + ".iso";
        WriteFiles(folder, iso, userData, metaData);
        return new SeedResult { Folder = folder, Iso = iso, UserDataBytes = Encoding.UTF8.GetByteCount(userData) };
    }

    /// <summary>All or none: an ISO beside user-data of another order would make two kinds of machines.</summary>
    private static void WriteFiles(string folder, string iso, string userData, string metaData)
    {
        bool isNew = !Directory.Exists(folder);
        PrivateFile.CreateFolder(folder);
        try
        {
            PrivateFile.WriteTogether(
                (Path.Combine(folder, UserData), stream => stream.Write(Encoding.UTF8.GetBytes(userData))),
                (Path.Combine(folder, "meta-data"), stream => stream.Write(Encoding.UTF8.GetBytes(metaData))),
                (iso, stream => WriteIso(userData, metaData, stream)));
        }
        catch (Exception fault) when (isNew && fault is (BakeException or ContentException))
        {
            Directory.Delete(folder);
            throw;
        }
    }

    private static void WriteIso(string userData, string metaData, Stream output)
    {
        FileTreeBuilder tree = new(IsoTimeUnixSeconds);
        tree.AddText("/user-data", userData);
        tree.AddText("/meta-data", metaData);
        Iso9660Writer.Write(tree.Build(), new Iso9660Options { TimeUnixSeconds = IsoTimeUnixSeconds }, output);
    }

    private static SeedRoles Check(SeedOrder order)
    {
        SeedRoles roles = RolesOf(order);
        Require(
            DnsLabel().IsMatch(order.Cluster), "--cluster", $"'{order.Cluster}' is no DNS label.",
            "Write lower-case letters, digits and hyphens.");
        Require(
            DnsName().IsMatch(order.Domain), "--domain", $"'{order.Domain}' is no DNS name.",
            "Write for example k8s or cluster.example.com.");
        Require(
            order.Hostname is null || DnsLabel().IsMatch(order.Hostname), "--hostname",
            $"'{order.Hostname}' is no DNS label.", "Write lower-case letters, digits and hyphens.");
        Require(
            roles.HasEtcd || order.Size is null, "--size", "without the role etcd there is no size.", "Leave it out.");
        Require(
            !order.Single || order.Size is null or 1,
            "--size",
            $"a single machine is one member of etcd, not one of {order.Size}.",
            "Leave it out, or --single.");
        Require(
            !roles.HasEtcd || order.Single || order.Size is 1 or 3 or 5 or 7 or 9,
            "--size", "an etcd cluster needs its size: how many members it starts with.", "Give 1, 3, 5, 7 or 9.");
        foreach (string key in order.SshKeys)
        {
            Require(
                SshKey().IsMatch(key), "--ssh-key", "a line is no public key of OpenSSH.",
                "Give the .pub file, with lines such as 'ssh-ed25519 AAAA… name'.");
        }

        Require(
            roles.IsOfKubernetes || (order.Network ?? order.PodCidr ?? order.ServiceCidr ?? order.Dns
                ?? order.KubeProxy ?? order.Endpoint ?? order.MastersVip ?? order.LbVip ?? order.VipInterval
                ?? order.LbPool) is null,
            "--network, --pod-cidr, --service-cidr, --dns, --kube-proxy, --endpoint, --vip, --vip-interval, --lb-pool",
            "only masters, workers and lbs know of networks of Kubernetes.",
            "Leave them out here.");
        Require(
            roles.IsLb || (order.LbPorts.Count == 0 && !order.ProxyProtocol),
            "--lb-ports, --proxy-protocol",
            "only an lb forwards ports.",
            "Leave them out here, or give --role lb.");
        Require(
            order.LbPorts.Count > 0 || !order.ProxyProtocol,
            "--proxy-protocol", "there is no port that is forwarded.", "Name them with --lb-ports, or leave it out.");
        _ = ClusterNetwork.Of(order, recorded: null, order.OutputFolder);
        return roles;
    }

    private static SeedRoles RolesOf(SeedOrder order)
    {
        Require(
            order.Single || order.Role is not null,
            "--role",
            "is missing.",
            "Name the role of the machines, or give --single for one that is the whole cluster.");
        SeedRoles roles = order.Role is null ? SeedRoles.OfSingle : SeedRoles.Parse(order.Role);
        Require(
            !order.Single || roles.FolderName == SeedRoles.OfSingle.FolderName,
            "--role", "a single machine has each role.", "Leave --role out, or --single.");
        return roles;
    }

    private static void Require(bool condition, string place, string problem, string remedy)
    {
        if (!condition)
        {
            throw new BakeException("BAKE0802", place, problem, remedy);
        }
    }

    /// <summary>Of those that the seed carries: masters' has both.</summary>
    private static void CheckTokens(
        SeedOrder order, SeedRoles roles, KubernetesSecrets secrets, TimeProvider clock)
    {
        foreach (BootstrapToken token in new[] { secrets.WorkerToken, secrets.LbToken }.OfType<BootstrapToken>())
        {
            bool isShown = roles.JoinsByToken && roles.IsLb == (token.Group == BootstrapToken.LbGroup);
            string remedy =
                $"'baker token create --role {token.Group} --secrets' makes another one that ends, "
                    + "which running masters take.";
            if ((isShown || roles.RunsControlPlane) && order.TokenTimeToLive is not null && token.Expires is null)
            {
                throw new BakeException(
                    "BAKE0811", "--token-ttl",
                    $"the {token.Group}s' token in {order.OutputFolder} was made without an end.",
                    $"Leave the option out. {remedy}");
            }

            if (isShown && token.Expires <= clock.GetUtcNow())
            {
                throw new BakeException(
                    "BAKE0812", order.OutputFolder,
                    $"the {token.Group}s' token {token.Id} ended at {token.ExpiresText}.", remedy);
            }
        }
    }

    private static void RefuseTooLong(string userData)
    {
        int bytes = Encoding.UTF8.GetByteCount(userData);
        if (bytes >= UserDataText.MaximumBytes)
        {
            throw new BakeException(
                "BAKE0806",
                "user-data",
                $"would be {bytes} bytes; providers take fewer than {UserDataText.MaximumBytes}.",
                "Give fewer ssh keys, or fewer names with --hosts: many machines are for DNS.");
        }
    }

    /// <summary>
    /// The instance is what the user-data says: the same text is the same instance, another text another one.
    /// </summary>
    private static string MetaData(string userData) =>
        $"instance-id: seed-{Digest.Sha256(Encoding.UTF8.GetBytes(userData)).Hex[..16]}\n";

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\z")]
    private static partial Regex DnsName();

    [GeneratedRegex(@"\A(ssh-[a-z0-9-]+|ecdsa-[a-z0-9-]+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+( [^\r\n\p{Cc}]*)?\z")]
    private static partial Regex SshKey();
}
