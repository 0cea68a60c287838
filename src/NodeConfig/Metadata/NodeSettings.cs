using System.Net;
using Images.NodeConfig.Kubernetes;

namespace Images.NodeConfig.Metadata;

/// <summary>What metadata says this machine is: the key <c>node:</c>, or the seed's sysconfig files.</summary>
public sealed record NodeSettings
{
    public const string DefaultDomain = "k8s";

    /// <summary>The roles of a machine that is a whole cluster, sorted.</summary>
    public static IReadOnlyList<string> RolesOfSingle { get; } = ["etcd", "master", "worker"];

    public required string Cluster { get; init; }

    public required string Domain { get; init; }

    /// <summary>At least one, each known to the image, in the order given.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Null: the address of the interface with the default route.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Whether this machine is its whole cluster, so that it answers the cluster's names itself.</summary>
    public bool IsSingle { get; init; }

    /// <summary>Whether it stays out of its cluster until nothing is amiss with it.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Names that it answers itself, in the order of the text.</summary>
    public IReadOnlyList<HostAddresses> Hosts { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Set whenever the roles hold <c>etcd</c>.</summary>
    public EtcdSettings? Etcd { get; init; }

    /// <summary>What an lb forwards beside the API.</summary>
    public LbSettings Lb { get; init; } = LbSettings.None;

    public KubernetesSettings Kubernetes { get; init; } = KubernetesSettings.Default;

    /// <summary>Whether a role of the machine is one of Kubernetes'.</summary>
    public bool RunsKubernetes { get; init; }

    /// <summary>
    /// Of the certificates that this machine makes, and as a master signs for kubelets; null: what each has by itself.
    /// </summary>
    public TimeSpan? CertificateValidityPeriod { get; init; }

    public ClusterSecrets Secrets { get; init; } = ClusterSecrets.None;

    /// <summary>What whoever wrote the metadata should know, though the machine does its work.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
