namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>A kind of object as the API's paths name it.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Version">For example <c>v1</c>.</param>
/// <param name="Plural">For example <c>nodes</c>.</param>
internal sealed record KubernetesResource(string Group, string Version, string Plural)
{
    private const string Discovery = "discovery.k8s.io";

    /// <summary>How many are asked for at a time: small where anybody may make large ones.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>What is kept of an object that a list or a watch brings.</summary>
    public Func<KubernetesObject, KubernetesObject> Keep { get; init; } = whole => whole;

    public static KubernetesResource Nodes { get; } = new("", "v1", "nodes");

    public static KubernetesResource Services { get; } = new("", "v1", "services");

    public static KubernetesResource Secrets { get; } = new("", "v1", "secrets");

    public static KubernetesResource ConfigMaps { get; } = new("", "v1", "configmaps");

    public static KubernetesResource Leases { get; } = new("coordination.k8s.io", "v1", "leases");

    public static KubernetesResource CertificateSigningRequests { get; } = new(
        "certificates.k8s.io", "v1", "certificatesigningrequests");

    /// <summary>In v1, which Kubernetes has since 1.21, or the beta that 1.20 has instead.</summary>
    public static async Task<KubernetesResource> EndpointSlicesAsync(
        KubernetesClient client, CancellationToken cancellationToken)
    {
        KubernetesObject group = await client.GetAsync($"/apis/{Discovery}", cancellationToken);
        bool isStable = group.Items("versions").Any(version => version.Text("version") == "v1");
        return new KubernetesResource(Discovery, isStable ? "v1" : "v1beta1", "endpointslices");
    }

    public string GroupPath => Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";

    /// <summary>All of them, of the whole cluster.</summary>
    public string Path => $"{GroupPath}/{Plural}";

    /// <param name="namespaceName">Empty for an object of the whole cluster.</param>
    public string In(string namespaceName) =>
        namespaceName.Length == 0 ? Path : $"{GroupPath}/namespaces/{Uri.EscapeDataString(namespaceName)}/{Plural}";

    public string One(string name, string namespaceName = "") => $"{In(namespaceName)}/{Uri.EscapeDataString(name)}";
}
