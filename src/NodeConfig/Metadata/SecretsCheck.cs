using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>Whether metadata holds the secrets that its roles need, and no key beyond.</summary>
internal static class SecretsCheck
{
    /// <exception cref="ConfigurationException">Something is missing.</exception>
    public static void RequireAll(MappingReader node, NodeSettings settings, IReadOnlyList<RoleDefinition> roles)
    {
        foreach (RoleDefinition role in roles.Where(role => role.Secrets is { IsRequired: true }))
        {
            RoleSecrets secrets = role.Secrets!;
            foreach (string name in secrets.Signs)
            {
                Require(
                    settings.Secrets.CanSign(name),
                    node,
                    role,
                    $"the authority '{name}' with its key",
                    $"pki: {name}:",
                    $"{name}.crt and .key");
            }

            foreach (string name in secrets.Trusts)
            {
                Require(
                    settings.Secrets[name]
                        .Count > 0, node, role, $"the authority '{name}'", $"pki: {name}:", $"{name}.crt");
            }

            KubernetesSettings kubernetes = settings.Kubernetes;
            Require(
                !secrets.RunsControlPlane || kubernetes.ServiceAccountKeys.Count > 0,
                node,
                role,
                "a key for ServiceAccounts",
                "kubernetes: serviceAccountKeys:",
                "service-account.key");
            Require(
                !secrets.RunsControlPlane || kubernetes.EncryptionKeys.Count > 0,
                node,
                role,
                "a key to encrypt what is stored",
                "kubernetes: encryptionKeys:",
                "encryption-keys");
            Require(
                !secrets.RunsControlPlane || kubernetes.Tokens.Count > 0,
                node,
                role,
                "the tokens that workers may show",
                "kubernetes: tokens:",
                "bootstrap-tokens");
            Require(
                !secrets.JoinsByToken || kubernetes.Token is not null,
                node,
                role,
                "a bootstrap token",
                "kubernetes: token:",
                "bootstrap-token");
        }
    }

    /// <summary>
    /// What makes this machine's metadata more precious than its roles are; none where a role does not say what it has.
    /// </summary>
    public static IEnumerable<string> Superfluous(NodeSettings settings, IReadOnlyList<RoleDefinition> roles)
    {
        RoleSecrets[] known = [.. roles.Select(role => role.Secrets).OfType<RoleSecrets>()];
        if (known.Length < roles.Count)
        {
            return [];
        }

        bool runsControlPlane = known.Any(role => role.RunsControlPlane);
        string[] keys =
        [
            .. ClusterSecrets.AuthorityNames
                .Where(
                    name =>
                        settings.Secrets.CanSign(name)
                            && !known.Any(role => role.Signs.Contains(name, StringComparer.Ordinal)))
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
        bool condition, MappingReader node, RoleDefinition role, string what, string place, string file)
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
