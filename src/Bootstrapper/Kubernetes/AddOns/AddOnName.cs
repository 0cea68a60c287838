using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>Which object: a line of the record, as <c>apps/v1 Deployment kube-system/coredns</c>.</summary>
/// <param name="ApiVersion">With the group.</param>
/// <param name="Kind">For example Deployment.</param>
/// <param name="Namespace">Empty where none is written.</param>
/// <param name="Name">The object's own.</param>
internal sealed record AddOnName(string ApiVersion, string Kind, string Namespace, string Name)
{
    public static AddOnName Of(KubernetesObject item) => new(item.ApiVersion, item.Kind, item.Namespace, item.Name);

    /// <summary>Null where the line is none.</summary>
    public static AddOnName? TryParse(string line)
    {
        if (line.Split(' ') is not [{ Length: > 0 } apiVersion, { Length: > 0 } kind, { Length: > 0 } place])
        {
            return null;
        }

        string[] parts = place.Split('/', 2);
        return parts.Length == 2
            ? new AddOnName(apiVersion, kind, parts[0], parts[1])
            : new AddOnName(apiVersion, kind, "", place);
    }

    public override string ToString() => $"{ApiVersion} {Kind} {(Namespace.Length == 0 ? "" : $"{Namespace}/")}{Name}";
}
