using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Images.Baker.Kubeconfigs;
using Images.Baker.Seeds;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Tokens;

/// <summary>
/// Makes a bootstrap token in a running cluster: its Secret
/// (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/) is written by the API, so masters take
/// it from then on, whatever their metadata says. It does not bear the label of those that come from metadata, so no
/// master's boot removes it; Kubernetes removes it when it has ended.
/// </summary>
internal static class TokenCreation
{
    public const string Never = "never";

    private const string Path = "/api/v1/namespaces/kube-system/secrets";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <exception cref="BakeException">The order is wrong, or the API did not take it.</exception>
    public static async Task<BootstrapToken> CreateAsync(
        TokenOrder order, TimeProvider clock, CancellationToken cancellationToken)
    {
        BootstrapToken token = KubernetesSecrets.CreateToken(GroupOf(order), EndOf(order, clock));
        KubeconfigFile kubeconfig = KubeconfigFile.Read(order.Kubeconfig);
        ClusterFolder? folder = FolderOf(order); // before anything is made
        await PostAsync(kubeconfig, SecretOf(token), cancellationToken).ConfigureAwait(false);
        folder?.Keep(token);
        return token;
    }

    private static string GroupOf(TokenOrder order) =>
        order.Role is BootstrapToken.DefaultGroup or BootstrapToken.LbGroup
            ? order.Role
            : throw new BakeException(
                "BAKE0832", "--role", $"'{order.Role}' joins by no token.",
                $"Write {BootstrapToken.DefaultGroup} or {BootstrapToken.LbGroup}.");

    private static DateTimeOffset? EndOf(TokenOrder order, TimeProvider clock) => order.TimeToLive == Never
        ? null
        : BootstrapToken.EndAfter(
            ValidityPeriod.TryParse(order.TimeToLive)
                ?? throw new BakeException(
                    "BAKE0832", "--ttl", $"'{order.TimeToLive}' is no period.",
                    $"Write a whole number of minutes, hours or days, at most 3660d: 90m, 24h, 7d; or {Never}."),
            clock.GetUtcNow());

    private static ClusterFolder? FolderOf(TokenOrder order) => (order.Secrets, order.Cluster) switch
    {
        (null, null) => null,
        ({ } secrets, { } cluster) => ClusterFolder.Open(secrets, cluster),
        _ => throw new BakeException(
            "BAKE0832", "--secrets, --cluster", "only one of them is given.",
            "Give both, so that the next seeds carry the token, or neither."),
    };

    private static JsonObject SecretOf(BootstrapToken token)
    {
        JsonObject data = new()
        {
            ["token-id"] = token.Id,
            ["token-secret"] = token.Secret.Reveal(),
            ["usage-bootstrap-authentication"] = "true",
            ["auth-extra-groups"] = token.AuthenticatedGroup,
        };
        if (token.ExpiresText is { } end)
        {
            data["expiration"] = end;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"bootstrap-token-{token.Id}",
                ["namespace"] = "kube-system",
            },
            ["type"] = "bootstrap.kubernetes.io/token",
            ["stringData"] = data,
        };
    }

    private static async Task PostAsync(
        KubeconfigFile kubeconfig, JsonObject body, CancellationToken cancellationToken)
    {
        using SocketsHttpHandler handler = new() { SslOptions = kubeconfig.Tls(), AllowAutoRedirect = false };
        using HttpClient client = new(handler) { BaseAddress = kubeconfig.Server, Timeout = _patience };
        client.DefaultRequestHeaders.Authorization = kubeconfig.Token is { } token
            ? new AuthenticationHeaderValue("Bearer", token.Reveal())
            : null;
        using StringContent content = new(body.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using HttpResponseMessage response = await client.PostAsync(
                new Uri(kubeconfig.Server.AbsolutePath.TrimEnd('/') + Path, UriKind.Relative), content,
                cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new BakeException(
                    "BAKE0834", $"{kubeconfig.Server}",
                    $"does not take the token: {await ReasonAsync(response, cancellationToken).ConfigureAwait(false)}.",
                    "Use a kubeconfig of an administrator that has not ended.", BakeFault.Source);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or AuthenticationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            string message = (e.InnerException as AuthenticationException)?.Message ?? e.Message;
            throw new BakeException(
                "BAKE0833", $"{kubeconfig.Server}", $"does not answer: {message.TrimEnd('.')}.",
                "See that a master is up and reached from here.", BakeFault.Source, e);
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            JsonNode? status = JsonNode.Parse(
                await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
            return status?["message"]?.GetValue<string>() ?? $"HTTP status {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"HTTP status {(int)response.StatusCode}";
        }
    }
}
