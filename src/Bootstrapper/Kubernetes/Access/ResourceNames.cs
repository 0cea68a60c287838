using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Access;

/// <summary>Which path an object has: asked of the server, kept for the round.</summary>
internal sealed class ResourceNames(KubernetesClient client)
{
    private readonly Dictionary<string, KubernetesObject> _groups = new(StringComparer.Ordinal);

    /// <exception cref="KubernetesApiException">
    /// The server does not know the kind, which may come later: a CustomResourceDefinition takes a moment.
    /// </exception>
    public async Task<string> PathAsync(
        string apiVersion, string kind, string namespaceName, string name, CancellationToken cancellationToken)
    {
        string[] parts = apiVersion.Split('/', 2);
        (string group, string version) = parts.Length == 2 ? (parts[0], parts[1]) : ("", parts[0]);
        string groupPath = new KubernetesResource(group, version, "").GroupPath;
        if (!_groups.TryGetValue(groupPath, out KubernetesObject? known))
        {
            _groups[groupPath] = known = await client.GetAsync(groupPath, cancellationToken);
        }

        KubernetesObject? found = known.Items("resources").FirstOrDefault(
            item => item.Text("kind") == kind && !item.Text("name").Contains('/', StringComparison.Ordinal));
        if (found is null)
        {
            _groups.Remove(groupPath);
            throw new KubernetesApiException(404, $"the server knows no {kind} of {apiVersion}");
        }

        string place = !found.Flag("namespaced") ? "" : namespaceName.Length == 0 ? "default" : namespaceName;
        return new KubernetesResource(group, version, found.Text("name")).One(name, place);
    }

    public Task<string> PathAsync(KubernetesObject item, CancellationToken cancellationToken) =>
        PathAsync(item.ApiVersion, item.Kind, item.Namespace, item.Name, cancellationToken);
}
