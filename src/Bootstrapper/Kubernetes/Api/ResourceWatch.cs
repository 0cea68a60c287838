using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// Keeps all objects of a kind as the API has them: lists, watches from there, and lists again when that version is no
/// longer kept. What was seen stays while the API is away.
/// </summary>
/// <param name="connect">A client with the certificate of the moment.</param>
/// <param name="resource">What to watch; asked each time, for it may depend on the server's version.</param>
/// <param name="selector">A label selector; empty for all.</param>
/// <param name="changed">Told after each change; must not take long.</param>
/// <param name="narrator">Told when watching starts to fail and when it works again.</param>
internal sealed class ResourceWatch(
    Func<KubernetesClient> connect,
    Func<KubernetesClient, CancellationToken, Task<KubernetesResource>> resource,
    string selector,
    Action changed,
    Narrator narrator,
    TimeProvider time)
{
    private static readonly TimeSpan _shortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, KubernetesObject> _objects = new(StringComparer.Ordinal);
    private string? _version;
    private bool _isListed;
    private string? _failure;

    public ResourceWatch(
        Func<KubernetesClient> connect, KubernetesResource resource, Action changed,
        Narrator narrator, TimeProvider time)
        : this(connect, (_, _) => Task.FromResult(resource), "", changed, narrator, time)
    {
    }

    /// <summary>In the order of namespace and name; null before they were listed.</summary>
    public IReadOnlyList<KubernetesObject>? Objects
    {
        get
        {
            lock (_gate)
            {
                return _isListed ? [.. _objects.Values] : null;
            }
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = _shortestPause;
        while (true)
        {
            try
            {
                using KubernetesClient client = connect();
                await FollowAsync(client, cancellationToken);
                pause = _shortestPause;
            }
            catch (KubernetesApiException e) when (e.IsGone)
            {
                _version = null;
            }
            catch (Exception e) when (e is KubernetesApiException or IOException)
            {
                Say(FaultText.Of(e));
                pause = pause * 2 < _longestPause ? pause * 2 : _longestPause;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task FollowAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        KubernetesResource watched = await resource(client, cancellationToken);
        if (_version is null)
        {
            KubernetesList list = await client.ListAsync(watched, selector, cancellationToken);
            Take(list);
            Say(null);
            changed();
        }

        await foreach (KubernetesEvent change in client.WatchAsync(
            watched.Path, selector, _version!, cancellationToken))
        {
            Say(null);
            _version = change.Object.ResourceVersion;
            if (change.Kind != KubernetesEventKind.Bookmark)
            {
                Take(change with { Object = watched.Keep(change.Object) });
                changed();
            }
        }
    }

    private void Take(KubernetesList list)
    {
        lock (_gate)
        {
            _objects.Clear();
            foreach (KubernetesObject item in list.Items)
            {
                _objects[Key(item)] = item;
            }

            _version = list.ResourceVersion;
            _isListed = true;
        }
    }

    private void Take(KubernetesEvent change)
    {
        lock (_gate)
        {
            if (change.Kind == KubernetesEventKind.Deleted)
            {
                _objects.Remove(Key(change.Object));
            }
            else
            {
                _objects[Key(change.Object)] = change.Object;
            }
        }
    }

    /// <summary>Once for each new reason: an API server that starts takes its time.</summary>
    private void Say(string? failure)
    {
        if (failure != _failure)
        {
            // several watches of one server have the same to say of it
            narrator.SayOnce(
                "the Kubernetes API",
                failure is null ? "the Kubernetes API answers again" : $"the Kubernetes API: {failure}");
            _failure = failure;
        }
    }

    private static string Key(KubernetesObject item) => $"{item.Namespace}/{item.Name}";
}
