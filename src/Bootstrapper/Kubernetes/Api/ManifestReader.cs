using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>Reads objects from YAML of one or more documents, as the image carries them.</summary>
internal static class ManifestReader
{
    /// <exception cref="InvalidDataException">No YAML, or not objects of Kubernetes: with the place.</exception>
    public static IReadOnlyList<KubernetesObject> Read(string yaml, string place)
    {
        try
        {
            return [.. KubernetesManifest.Read(yaml, place).Select(item => new KubernetesObject(item.Json))];
        }
        catch (ConfigurationException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
