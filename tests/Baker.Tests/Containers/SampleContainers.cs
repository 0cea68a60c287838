using System.Text.Json;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers;

/// <summary>Container images that umoci made: one file in one compressed layer.</summary>
internal sealed class SampleContainers : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string this[string name] => _folder[name];

    /// <summary>Makes an image and returns its path as an OCI archive.</summary>
    public string Make(string name, string content, string architecture = "amd64")
    {
        string file = _folder[$"{name}.txt"], layout = _folder[$"{name}.layout"], archive = _folder[$"{name}.tar"];
        File.WriteAllText(file, content);
        Judge.Run("umoci", "init", "--layout", layout);
        Judge.Run("umoci", "new", "--image", $"{layout}:app");
        Judge.Run("umoci", "insert", "--rootless", "--image", $"{layout}:app", file, "/etc/content");
        Judge.Run("umoci", "config", "--image", $"{layout}:app", "--architecture", architecture, "--os", "linux", "--config.cmd", "/bin/true");
        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci:{layout}:app", $"oci-archive:{archive}:{name}");
        return archive;
    }

    /// <summary>Writes the manifest's digest, as skopeo computes it.</summary>
    public static string DigestOf(string archive) => JsonDocument.Parse(Judge.Run("skopeo", "inspect", $"oci-archive:{archive}")).RootElement.GetProperty("Digest").GetString()!;

    /// <summary>The same image in docker's older form.</summary>
    public string ToDockerArchive(string archive, string reference)
    {
        string docker = Path.ChangeExtension(archive, "docker.tar");
        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci-archive:{archive}", $"docker-archive:{docker}:{reference}");
        return docker;
    }

    public void Dispose() => _folder.Dispose();
}
