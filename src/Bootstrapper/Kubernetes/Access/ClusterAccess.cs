using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Access;

/// <summary>
/// The rules and tokens without which nobody but an administrator may do anything: applied by each master when its API
/// server is there, and now and then again.
/// </summary>
/// <param name="connect">The API as administrator.</param>
/// <param name="rules">The image's rules; read each time.</param>
/// <param name="bounds">Objects that bound what others may store; read each time. Nothing waits for them.</param>
/// <param name="tokens">Secrets as the metadata says, without those that have expired; asked each time.</param>
/// <param name="narrator">Told what was changed, and what fails.</param>
internal sealed class ClusterAccess(
    Func<KubernetesClient> connect,
    Func<IReadOnlyList<KubernetesObject>> rules,
    Func<IReadOnlyList<KubernetesObject>> bounds,
    Func<IReadOnlyList<JsonObject>> tokens,
    Narrator narrator,
    TimeProvider time)
{
    private const string Matter = "access rules";
    private const string MatterOfBounds = "bounds";
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _soon = TimeSpan.FromMinutes(1), _again = TimeSpan.FromHours(1);

    private readonly TaskCompletionSource _applied = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when all stands for the first time: before, the agent's own user may do nothing.</summary>
    public Task Applied => _applied.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        GrowingPause pause = new(_longestPause, time);
        while (true)
        {
            if (await TryAsync(cancellationToken))
            {
                await Task.Delay(
                    await TryBoundsAsync(cancellationToken) ? _again : _soon, time, cancellationToken);
                pause.Restart();
            }
            else
            {
                await pause.WaitAsync(cancellationToken);
            }
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ApplyAsync(removeOldTokens: !_applied.Task.IsCompleted, cancellationToken);
            narrator.Settle(Matter);
            if (_applied.TrySetResult())
            {
                narrator.Say("the cluster's access rules and bootstrap tokens stand");
            }

            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or IOException or InvalidDataException)
        {
            narrator.SayOnce(
                Matter, $"access rules and bootstrap tokens cannot be applied, trying again: {FaultText.Of(e)}");
            return false;
        }
    }

    private async Task<bool> TryBoundsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using KubernetesClient client = connect();
            await ApplyAllAsync(client, bounds(), cancellationToken);
            narrator.Settle(MatterOfBounds);
            return true;
        }
        catch (Exception e) when (e is KubernetesApiException or IOException or InvalidDataException)
        {
            narrator.SayOnce(
                MatterOfBounds, $"what machines may store cannot be bounded, trying again: {FaultText.Of(e)}");
            return false;
        }
    }

    /// <param name="removeOldTokens">
    /// Only once after a boot, which read the metadata: masters whose metadata still differ must not remove each
    /// other's tokens for ever.
    /// </param>
    public async Task ApplyAsync(bool removeOldTokens, CancellationToken cancellationToken)
    {
        using KubernetesClient client = connect();
        await ApplyAllAsync(client, rules(), cancellationToken);
        HashSet<string> wanted = [];
        foreach (JsonObject token in tokens())
        {
            string name = new KubernetesObject(token).Name;
            wanted.Add(name);
            await ApplyTokenAsync(
                client, KubernetesResource.Secrets.One(name, TokenSecret.Namespace), token, cancellationToken);
        }

        if (removeOldTokens)
        {
            KubernetesList ours = await client.ListAsync(
                KubernetesResource.Secrets.In(TokenSecret.Namespace), $"{TokenSecret.Label}=true", cancellationToken);
            foreach (string name in ours.Items.Select(item => item.Name).Where(name => !wanted.Contains(name)))
            {
                await client.DeleteAsync(
                    KubernetesResource.Secrets.One(name, TokenSecret.Namespace), cancellationToken);
                narrator.Say($"removed {name}, which is no longer in the metadata");
            }
        }
    }

    private static async Task ApplyAllAsync(
        KubernetesClient client, IReadOnlyList<KubernetesObject> objects, CancellationToken cancellationToken)
    {
        ResourceNames names = new(client);
        foreach (KubernetesObject item in objects)
        {
            await client.ApplyAsync(await names.PathAsync(item, cancellationToken), item.Json, cancellationToken);
        }
    }

    /// <summary>
    /// Written whole, and only when it differs: applied fields would leave an old expiry behind. The type of a Secret
    /// cannot be changed, so one of another type is refused by the server and said.
    /// </summary>
    private static async Task ApplyTokenAsync(
        KubernetesClient client, string path, JsonObject token, CancellationToken cancellationToken)
    {
        KubernetesObject? standing = await client.FindAsync(path, cancellationToken);
        if (standing is null)
        {
            await client.CreateAsync(KubernetesResource.Secrets.In(TokenSecret.Namespace), token, cancellationToken);
        }
        else if (!HoldsSame(standing, token))
        {
            JsonObject replacement = token.DeepClone().AsObject();
            replacement["metadata"]!["resourceVersion"] = standing.ResourceVersion;
            await client.ReplaceAsync(path, replacement, cancellationToken);
        }
    }

    private static bool HoldsSame(KubernetesObject standing, JsonObject token)
    {
        Dictionary<string, string> wanted = token["stringData"]!.AsObject().ToDictionary(
            pair => pair.Key, pair => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes((string)pair.Value!)),
            StringComparer.Ordinal);
        return standing.Text("metadata", "labels", TokenSecret.Label) == "true"
            && standing.Json["data"] is JsonObject data
            && data.Count == wanted.Count
            && wanted.All(pair => standing.Text("data", pair.Key) == pair.Value);
    }
}
