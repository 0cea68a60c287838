using System.Text.Json;
using Images.Baker.Pki;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Seeds;

/// <summary>
/// The secrets of one cluster: <c>secrets/cluster.json</c>, for each authority <c>secrets/NAME.crt</c> and
/// <c>NAME.key</c>, and <see cref="KubernetesSecrets"/>, all 0600. Made once as a whole, read ever after.
/// </summary>
internal sealed class ClusterFolder
{
    private const string SecretsFolder = "secrets";
    private const string Description = "cluster.json";

    private readonly string _folder;
    private readonly ClusterDescription _description;
    private readonly Dictionary<string, CertificateAuthority> _authorities;

    private ClusterFolder(
        string folder, ClusterDescription description, IEnumerable<CertificateAuthority> authorities,
        KubernetesSecrets kubernetes)
    {
        _folder = folder;
        _description = description;
        _authorities = authorities.ToDictionary(authority => authority.Name, StringComparer.Ordinal);
        Kubernetes = kubernetes;
    }

    public KubernetesSecrets Kubernetes { get; private set; }

    public CertificateAuthority this[string name] => _authorities[name];

    /// <summary>With its domain: demo.k8s.</summary>
    public string FullName => $"{_description.Cluster}.{_description.Domain}";

    /// <summary>Reads the secrets of the cluster, or makes them in a folder that has none.</summary>
    public static ClusterFolder OpenOrCreate(SeedOrder order, TimeProvider clock)
    {
        string folder = Path.Combine(order.OutputFolder, SecretsFolder);
        if (Directory.Exists(folder))
        {
            return Read(folder, order);
        }

        string? seeded = Directory.Exists(order.OutputFolder)
            ? Directory.EnumerateDirectories(order.OutputFolder)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(seed => File.Exists(Path.Combine(seed, SeedWriter.UserData)))
            : null;
        return seeded is null
            ? Create(folder, order, clock)
            : throw Incomplete(folder, $"the secrets are missing, though {seeded} was made from them.");
    }

    /// <summary>Where the secrets of the cluster are, and whether they are all there as far as names tell.</summary>
    /// <param name="folder">What <c>baker seed</c> was given as <c>--out</c>.</param>
    /// <exception cref="BakeException">There is no such folder.</exception>
    public static (string Secrets, bool IsCluster) Find(string folder)
    {
        string secrets = Path.Combine(folder, SecretsFolder);
        return Directory.Exists(secrets)
            ? (secrets, File.Exists(Path.Combine(secrets, Description)))
            : throw new BakeException(
                "BAKE0808", secrets, "does not exist.", "Name the folder that was given to 'baker seed' as --out.");
    }

    /// <summary>Reads the secrets of a cluster that <c>baker seed</c> made.</summary>
    /// <param name="folder">The cluster's folder, as it was given to <c>--out</c>.</param>
    /// <param name="cluster">Whose secrets they must be, in whatever domain.</param>
    public static ClusterFolder Open(string folder, string cluster)
    {
        string secrets = Find(folder).Secrets;
        ClusterDescription description = ReadDescription(Path.Combine(secrets, Description));
        return description.Cluster == cluster
            ? ReadSecrets(secrets, description)
            : throw new BakeException(
                "BAKE0803", secrets, $"holds the secrets of cluster '{description.Cluster}', not of '{cluster}'.",
                "Correct --cluster, or name another folder.");
    }

    /// <summary>The same, of whatever cluster it is.</summary>
    public static ClusterFolder Open(string folder)
    {
        string secrets = Find(folder).Secrets;
        return ReadSecrets(secrets, ReadDescription(Path.Combine(secrets, Description)));
    }

    /// <summary>The networks of a seed of this cluster.</summary>
    /// <exception cref="BakeException">The order wants others than those recorded.</exception>
    public ClusterNetwork NetworkOf(SeedOrder order) => ClusterNetwork.Of(order, _description.Network, _folder);

    /// <summary>Lets every later seed carry another token of its group.</summary>
    public void Keep(BootstrapToken token) => KubernetesSecrets.WriteToken(_folder, token);

    /// <summary>
    /// A folder that was made before lbs had a token gets one with its next seed of a master or lb. It ends with the
    /// workers'.
    /// </summary>
    public void EnsureLbToken()
    {
        if (Kubernetes.LbToken is null)
        {
            BootstrapToken token = KubernetesSecrets.CreateToken(
                BootstrapToken.LbGroup, Kubernetes.WorkerToken.Expires);
            Kubernetes = Kubernetes with { LbToken = token };
            Keep(token);
        }
    }

    /// <summary>Holds every later seed to these networks.</summary>
    public void Record(ClusterNetwork network)
    {
        if (_description.Network is null)
        {
            WriteDescription(_folder, _description with { Network = network });
        }
    }

    private static ClusterFolder Create(string folder, SeedOrder order, TimeProvider clock)
    {
        CertificateAuthority[] authorities =
        [.. ClusterSecrets.AuthorityNames.Select(
            name => AuthorityMint.Create(order.Cluster, name, clock.GetUtcNow()))];
        KubernetesSecrets kubernetes = KubernetesSecrets.Create(
            order.TokenTimeToLive is { } life ? BootstrapToken.EndAfter(life, clock.GetUtcNow()) : null);
        ClusterDescription description = new() { Cluster = order.Cluster, Domain = order.Domain };
        PrivateFile.WriteFolder(folder, partial =>
        {
            foreach (CertificateAuthority authority in authorities)
            {
                PrivateFile.Write(Path.Combine(partial, authority.Name + ".crt"), authority.Certificate);
                PrivateFile.Write(Path.Combine(partial, authority.Name + ".key"), authority.Key.Reveal());
            }

            kubernetes.Write(partial);
            WriteDescription(partial, description);
        });
        return new ClusterFolder(folder, description, authorities, kubernetes);
    }

    private static void WriteDescription(string folder, ClusterDescription description) =>
        PrivateFile.Write(
            Path.Combine(folder, Description),
            JsonSerializer.Serialize(description, ClusterDescriptionJson.Default.ClusterDescription) + "\n");

    private static ClusterFolder Read(string folder, SeedOrder order)
    {
        ClusterDescription description = ReadDescription(Path.Combine(folder, Description));
        if (description.Cluster != order.Cluster || description.Domain != order.Domain)
        {
            throw new BakeException(
                "BAKE0803", folder,
                $"holds the secrets of cluster '{description.Cluster}' in domain '{description.Domain}', "
                    + $"not of '{order.Cluster}' in '{order.Domain}'.",
                "Give each cluster a folder of its own with --out.");
        }

        return ReadSecrets(folder, description);
    }

    private static ClusterFolder ReadSecrets(string folder, ClusterDescription description) => new(
        folder, description, ClusterSecrets.AuthorityNames.Select(name => ReadAuthority(folder, name)),
        KubernetesSecrets.Read(folder, ReadText, Incomplete));

    private static ClusterDescription ReadDescription(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(ReadText(path), ClusterDescriptionJson.Default.ClusterDescription)
                ?? throw Incomplete(path, "is empty.");
        }
        catch (JsonException e)
        {
            throw Incomplete(path, $"cannot be read: {e.Message}");
        }
    }

    private static CertificateAuthority ReadAuthority(string folder, string name)
    {
        CertificateAuthority authority = new()
        {
            Name = name,
            Certificate = ReadText(Path.Combine(folder, name + ".crt")),
            Key = new Secret(ReadText(Path.Combine(folder, name + ".key"))),
        };
        return AuthorityMint.BelongTogether(authority.Certificate, authority.Key)
            ? authority
            : throw Incomplete(Path.Combine(folder, name + ".key"), "is not the key of the certificate beside it.");
    }

    private static string ReadText(string path) =>
        File.Exists(path) ? File.ReadAllText(path) : throw Incomplete(path, "is missing.");

    private static BakeException Incomplete(string place, string problem) => new(
        "BAKE0804", place, problem,
        "Bring the folder back from your backup; a cluster whose secrets are lost has to be "
            + "made anew in another folder.");
}
