using System.Text.Json;
using Images.Baker.Plan;
using Images.NodeConfig.Roles;

namespace Images.Baker.Locking;

/// <summary>What a lock may not say of Kubernetes, whoever wrote it.</summary>
internal static class LockedKubernetesCheck
{
    /// <exception cref="JsonException">It says that.</exception>
    public static void Check(LockedKubernetes locked)
    {
        if (locked.Upstream is { } upstream)
        {
            Require(
                upstream.Digest.Algorithm == "sha512" && upstream.Size is null or > 0,
                "upstream's archive has a size or digest that cannot be");
            Require(
                upstream.Path == LockedUpstream.PathOf(RequireVersion(upstream.Version)),
                "upstream's archive has another path than its version says");
        }

        if (locked.Debian is { } debian)
        {
            RequireVersion(debian.Version);
            Require(
                !debian.Releases.IsDefaultOrEmpty && debian.Source.Files.Length == 3 && debian.Packages.Length == 3,
                "the build from Debian's sources lacks a release, a file or a package");
            Require(
                debian.Source.Files
                    .Select(file => file.Path)
                    .Concat(debian.Packages.Select(package => package.Path))
                    .All(ImageLockFile.IsPoolPath),
                "the build from Debian's sources has a path outside the pool");
        }

        if (locked.Folder is { } folder)
        {
            RequireVersion(folder.Version);
            Require(
                folder.Programs
                    .Select(program => program.Name)
                    .SequenceEqual(KubernetesProgramNames.All, StringComparer.Ordinal),
                "the folder's programs are not the ones of Kubernetes, in order");
        }
    }

    private static ComponentVersion RequireVersion(string text) =>
        ComponentVersion.TryParseRelease(text) is { } version && KubernetesSupport.Includes(version)
            ? version
            : throw new JsonException($"'{text}' is no supported version of Kubernetes");

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new JsonException(problem);
        }
    }
}
