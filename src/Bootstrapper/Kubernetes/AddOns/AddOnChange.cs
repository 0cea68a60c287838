using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.AddOns;

/// <summary>One round over the cluster: applies a set's objects, then removes what an older set has left.</summary>
/// <param name="client">As administrator.</param>
internal sealed class AddOnChange(KubernetesClient client, TimeProvider time)
{
    /// <summary>Marks every object that came from an add-on.</summary>
    public const string Label = "images/addon";

    private const int RoundsWithoutProgress = 15;
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(2);

    private readonly ResourceNames _names = new(client);
    private readonly HashSet<string> _applied = new(StringComparer.Ordinal);

    /// <summary>
    /// Goes on with the others where one is refused, and tries again what may only be early: a kind that was
    /// defined just now.
    /// </summary>
    /// <returns>What was refused, and why.</returns>
    /// <exception cref="KubernetesApiException">The server went away.</exception>
    public async Task<IReadOnlyDictionary<AddOnName, string>> ApplyAsync(
        IReadOnlyList<KubernetesObject> objects, CancellationToken cancellationToken)
    {
        List<KubernetesObject> left = [.. objects];
        int idle = 0;
        while (true)
        {
            Dictionary<AddOnName, string> refusals = [];
            bool mayBeEarly = false;
            List<KubernetesObject> again = [];
            foreach (KubernetesObject item in left)
            {
                try
                {
                    await ApplyAsync(item, cancellationToken);
                }
                catch (KubernetesApiException e) when (e.Status != 0)
                {
                    refusals[AddOnName.Of(item)] = e.Message;
                    mayBeEarly |= e.IsNotFound || e.IsConflict || e.Status >= 500;
                    again.Add(item);
                }
            }

            idle = again.Count < left.Count ? 0 : idle + 1;
            if (again.Count == 0 || (idle > 0 && (!mayBeEarly || idle >= RoundsWithoutProgress)))
            {
                return refusals;
            }

            left = again;
            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    /// <summary>
    /// Removes objects that bear our label and were not applied by this change, whatever version they
    /// were listed under.
    /// </summary>
    /// <param name="old">What a record lists and the set does not.</param>
    /// <param name="narrator">Told what was removed or kept.</param>
    /// <returns>What could not be removed, and why.</returns>
    public async Task<IReadOnlyDictionary<AddOnName, string>> RemoveAsync(
        IEnumerable<AddOnName> old, Narrator narrator, CancellationToken cancellationToken)
    {
        Dictionary<AddOnName, string> refusals = [];
        foreach (AddOnName item in old.OrderByDescending(item => AddOnOrder.RankOf(item.Kind)))
        {
            try
            {
                await RemoveAsync(item, narrator, cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                // its kind has gone, and it with it
            }
            catch (KubernetesApiException e) when (e.Status != 0)
            {
                refusals[item] = e.Message;
            }
        }

        return refusals;
    }

    private async Task ApplyAsync(KubernetesObject item, CancellationToken cancellationToken)
    {
        string path = await _names.PathAsync(item, cancellationToken);
        KubernetesObject standing = await client.ApplyAsync(path, Prepared(item), cancellationToken);
        _applied.Add(IdOf(standing));
    }

    private async Task RemoveAsync(AddOnName item, Narrator narrator, CancellationToken cancellationToken)
    {
        string path = await _names.PathAsync(item.ApiVersion, item.Kind, item.Namespace, item.Name, cancellationToken);
        if (await client.FindAsync(path, cancellationToken) is not { } standing
            || _applied.Contains(IdOf(standing))
            || standing.Text("metadata", "labels", Label) != "true")
        {
            return;
        }

        if (AddOnOrder.IsKept(item.Kind))
        {
            narrator.Say(
                $"add-ons: {standing} belongs to none any more; others may need what is in it, so it is left to you");
            return;
        }

        await client.DeleteAsync(path, cancellationToken);
        narrator.Say($"add-ons: removed {standing}, which belongs to none any more");
    }

    private static JsonObject Prepared(KubernetesObject item)
    {
        JsonObject json = item.Json.DeepClone().AsObject();
        PortProtocol.WriteOut(new KubernetesObject(json));
        JsonObject metadata = json["metadata"]!.AsObject();
        if (metadata["labels"] is not JsonObject labels)
        {
            metadata["labels"] = labels = [];
        }

        labels[Label] = "true";
        return json;
    }

    private static string IdOf(KubernetesObject item) => item.Text("metadata", "uid");
}
