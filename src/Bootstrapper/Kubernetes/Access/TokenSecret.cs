using System.Globalization;
using System.Text.Json.Nodes;

namespace Images.Bootstrapper.Kubernetes.Access;

/// <summary>
/// A bootstrap token as the API keeps it (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/).
/// </summary>
internal static class TokenSecret
{
    public const string Namespace = "kube-system";

    /// <summary>Marks those that came from metadata.</summary>
    public const string Label = "images/from-metadata";

    public static string NameOf(string tokenId) => $"bootstrap-token-{tokenId}";

    /// <param name="id">Six characters.</param>
    /// <param name="secret">Sixteen.</param>
    /// <param name="group">For example <c>system:bootstrappers:worker</c>.</param>
    /// <param name="expires">Null: never.</param>
    public static JsonObject For(string id, string secret, string group, DateTimeOffset? expires)
    {
        JsonObject data = new()
        {
            ["token-id"] = id,
            ["token-secret"] = secret,
            ["usage-bootstrap-authentication"] = "true",
            ["auth-extra-groups"] = group,
        };
        if (expires is DateTimeOffset moment)
        {
            data["expiration"] = moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = NameOf(id),
                ["namespace"] = Namespace,
                ["labels"] = new JsonObject { [Label] = "true" },
            },
            ["type"] = "bootstrap.kubernetes.io/token",
            ["stringData"] = data,
        };
    }
}
