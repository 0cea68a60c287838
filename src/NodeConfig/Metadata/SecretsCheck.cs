using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Whether metadata holds the secrets that its roles need, and no key beyond.</summary>
internal static class SecretsCheck
{
    /// <exception cref="ConfigurationException">Something is missing.</exception>
    public static void RequireAll(MappingReader node, NodeSettings settings)
    {
        foreach (RoleSecrets role
            in settings.Roles.Select(RoleSecrets.Find).OfType<RoleSecrets>().Where(role => role.IsRequired))
        {
            foreach (string name in role.Signs)
            {
                Require(
                    settings.Secrets.CanSign(name),
                    node,
                    role,
                    $"the authority '{name}' with its key",
                    $"pki: {name}:",
                    $"{name}.crt and .key");
            }

            foreach (string name in role.Trusts)
            {
                Require(
                    settings.Secrets[name]
                        .Count > 0, node, role, $"the authority '{name}'", $"pki: {name}:", $"{name}.crt");
            }

            KubernetesSettings kubernetes = settings.Kubernetes;
            Require(
                !role.RunsControlPlane || kubernetes.ServiceAccountKeys.Count > 0,
                node,
                role,
                "a key for ServiceAccounts",
                "kubernetes: serviceAccountKeys:",
                "service-account.key");
            Require(
                !role.RunsControlPlane || kubernetes.EncryptionKeys.Count > 0,
                node,
                role,
                "a key to encrypt what is stored",
                "kubernetes: encryptionKeys:",
                "encryption-keys");
            Require(
                !role.RunsControlPlane || kubernetes.Tokens.Count > 0,
                node,
                role,
                "the tokens that workers may show",
                "kubernetes: tokens:",
                "bootstrap-tokens");
            Require(
                !role.JoinsByToken || kubernetes.Token is not null,
                node,
                role,
                "a bootstrap token",
                "kubernetes: token:",
                "bootstrap-token");
        }
    }

    /// <summary>
    /// What makes this machine's metadata more precious than its roles are; none for a role that a user added.
    /// </summary>
    public static IEnumerable<string> Superfluous(NodeSettings settings)
    {
        RoleSecrets?[] roles = [.. settings.Roles.Select(RoleSecrets.Find)];
        if (roles.Contains(null))
        {
            return [];
        }

        bool runsControlPlane = roles.Any(role => role!.RunsControlPlane);
        string[] keys =
        [
            .. ClusterSecrets.AuthorityNames
                .Where(
                    name =>
                        settings.Secrets.CanSign(name)
                            && !roles.Any(role => role!.Signs.Contains(name, StringComparer.Ordinal)))
                .Select(name => $"of the authority {name}"),
            .. !runsControlPlane && settings.Kubernetes.ServiceAccountKeys.Any(key => key.Private is not null)
                ? ["of ServiceAccounts"]
                : Array.Empty<string>(),
            .. !runsControlPlane && settings.Kubernetes.EncryptionKeys.Count > 0
                ? ["of stored secrets"]
                : Array.Empty<string>(),
        ];
        return keys.Select(key =>
            $"the metadata holds the key {key}, which no {string.Join(" or ", settings.Roles)} needs: "
                + "whoever reads it here can use it; make the seed again with 'baker seed'");
    }

    private static void Require(
        bool condition, MappingReader node, RoleSecrets role, string what, string place, string file)
    {
        if (!condition)
        {
            throw node.Error(
                place.Split(':')[0],
                $"The role {role.Role} needs {what}.",
                $"Add it under '{place}', or as {ClusterSecretsReader.Folder}/{file} in write_files.");
        }
    }
}
