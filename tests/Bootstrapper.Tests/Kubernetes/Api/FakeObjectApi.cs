using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

/// <summary>
/// The API's wire over plain HTTP, as far as the agent uses it: objects with versions and uids, discovery, pages, server-side apply that
/// merges. What it answers can be replaced for a request, to fail or to be slow.
/// </summary>
internal sealed class FakeObjectApi : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<(string Plural, string Kind, bool IsNamespaced)>> _kinds = new(StringComparer.Ordinal);
    private readonly List<string> _requests = [];
    private readonly string _url;
    private long _version = 100;

    public FakeObjectApi()
    {
        _url = $"http://127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add(_url + "/");
        _listener.Start();
        Know("/api/v1", ("namespaces", "Namespace", false), ("configmaps", "ConfigMap", true), ("services", "Service", true));
        Know("/apis/apps/v1", ("deployments", "Deployment", true));
        Know("/apis/apiextensions.k8s.io/v1", ("customresourcedefinitions", "CustomResourceDefinition", false));
        Know("/apis/coordination.k8s.io/v1", ("leases", "Lease", true));
        Put("/api/v1/namespaces/kube-system", new JsonObject { ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "kube-system" } });
        Put("/api/v1/namespaces/default", new JsonObject { ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "default" } });
        _ = Task.Run(ServeAsync);
    }

    /// <summary>Answers in place of the API when it returns true. Called without the lock.</summary>
    public Func<HttpListenerContext, Task<bool>>? Instead { get; set; }

    /// <summary>Method and path of each request so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    public Uri Url => new(_url);

    public KubernetesClient Connect() => new(_url, new System.Net.Security.SslClientAuthenticationOptions());

    public void ForgetRequests()
    {
        lock (_gate)
        {
            _requests.Clear();
        }
    }

    public void Know(string groupPath, params (string Plural, string Kind, bool IsNamespaced)[] kinds)
    {
        lock (_gate)
        {
            _kinds[groupPath] = [.. kinds];
        }
    }

    /// <summary>Null where there is none.</summary>
    public KubernetesObject? Find(string path)
    {
        lock (_gate)
        {
            return _objects.TryGetValue(path, out JsonObject? found) ? new KubernetesObject(found.DeepClone().AsObject()) : null;
        }
    }

    /// <summary>As another client would.</summary>
    public void Put(string path, JsonObject item)
    {
        lock (_gate)
        {
            Store(path, item.DeepClone().AsObject());
        }
    }

    public void Remove(string path)
    {
        lock (_gate)
        {
            _objects.Remove(path);
        }
    }

    public static async Task AnswerAsync(HttpListenerContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(json));
        context.Response.Close();
    }

    public static Task RefuseAsync(HttpListenerContext context, int status, string message) =>
        AnswerAsync(context, status, new JsonObject { ["kind"] = "Status", ["status"] = "Failure", ["message"] = message, ["code"] = status }.ToJsonString());

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(context));
        }
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            lock (_gate)
            {
                _requests.Add($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
            }

            if (Instead is null || !await Instead(context))
            {
                (int status, string json) = Answer(context.Request, await new StreamReader(context.Request.InputStream).ReadToEndAsync());
                await AnswerAsync(context, status, json);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // the client went away
        }
    }

    private (int Status, string Json) Answer(HttpListenerRequest request, string body)
    {
        string path = request.Url!.AbsolutePath;
        lock (_gate)
        {
            if (_kinds.TryGetValue(path, out List<(string Plural, string Kind, bool IsNamespaced)>? kinds))
            {
                return (200, new JsonObject { ["resources"] = new JsonArray([.. kinds.Select(kind => new JsonObject { ["name"] = kind.Plural, ["kind"] = kind.Kind, ["namespaced"] = kind.IsNamespaced })]) }.ToJsonString());
            }

            JsonObject? sent = body.Length == 0 ? null : JsonNode.Parse(body)!.AsObject();
            return request.HttpMethod switch
            {
                "GET" => _objects.TryGetValue(path, out JsonObject? found) ? (200, found.ToJsonString()) : Missing(path),
                "POST" => Create($"{path}/{(string)sent!["metadata"]!["name"]!}", sent),
                "PUT" => Replace(path, sent!),
                "PATCH" => Apply(path, sent!),
                "DELETE" => _objects.Remove(path) ? (200, "{}") : Missing(path),
                _ => Status(405, "no such method"),
            };
        }
    }

    private (int Status, string Json) Create(string path, JsonObject sent)
    {
        return _objects.ContainsKey(path) ? Status(409, $"{path} already exists") : WithoutNamespace(path) ?? (201, Store(path, sent));
    }

    private (int Status, string Json) Replace(string path, JsonObject sent)
    {
        return !_objects.TryGetValue(path, out JsonObject? standing) ? Missing(path)
            : (string?)sent["metadata"]?["resourceVersion"] != (string?)standing["metadata"]!["resourceVersion"] ? Status(409, $"{path} has been modified")
            : (200, Store(path, sent));
    }

    private (int Status, string Json) Apply(string path, JsonObject sent)
    {
        JsonObject merged = _objects.TryGetValue(path, out JsonObject? standing) ? standing.DeepClone().AsObject() : [];
        Merge(merged, sent);
        return WithoutNamespace(path) ?? (200, Store(path, merged));
    }

    private (int Status, string Json)? WithoutNamespace(string path)
    {
        string[] parts = path.Split('/');
        int at = Array.IndexOf(parts, "namespaces");
        bool isInside = at >= 0 && parts.Length > at + 2;
        return isInside && !_objects.ContainsKey($"/api/v1/namespaces/{parts[at + 1]}") ? Status(404, $"namespaces \"{parts[at + 1]}\" not found") : null;
    }

    private string Store(string path, JsonObject item)
    {
        JsonObject metadata = item["metadata"]!.AsObject();
        metadata["uid"] = (string?)_objects.GetValueOrDefault(path)?["metadata"]?["uid"] ?? $"uid-{++_version}";
        metadata["resourceVersion"] = $"{++_version}";
        _objects[path] = item;
        return item.ToJsonString();
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach ((string key, JsonNode? value) in from)
        {
            if (value is JsonObject inner && into[key] is JsonObject present)
            {
                Merge(present, inner);
            }
            else
            {
                into[key] = value?.DeepClone();
            }
        }
    }

    private static (int Status, string Json) Missing(string path) => Status(404, $"{path} not found");

    private static (int Status, string Json) Status(int code, string message) =>
        (code, new JsonObject { ["kind"] = "Status", ["message"] = message, ["code"] = code }.ToJsonString());
}
