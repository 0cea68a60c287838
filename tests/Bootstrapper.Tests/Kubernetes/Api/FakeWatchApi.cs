using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

/// <summary>
/// Lists, watches and the versions of a group, as the API's wire has them, over plain HTTP: for what a real API server cannot be brought to do,
/// be away, refuse, or change at a moment of the test's choice.
/// </summary>
internal sealed class FakeWatchApi : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _server = $"http://127.0.0.1:{FreePort.Next()}";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, KubernetesObject>> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Line)> _events = [];
    private readonly List<string> _requests = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeWatchApi()
    {
        _listener.Prefixes.Add(_server + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>What <c>discovery.k8s.io</c> has.</summary>
    public IReadOnlyList<string> Versions { get; set; } = ["v1"];

    /// <summary>What is answered to method and path without its query; null: the versions, the list at that path, or its watch.</summary>
    public Func<string, string, (int Status, string Json)?> Answer { get; set; } = (_, _) => null;

    /// <summary>Of the last request that had one.</summary>
    public string LastBody { get; private set; } = "";

    /// <summary>Method and path with its query, of each request.</summary>
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

    public KubernetesClient Connect() => new(_server, new SslClientAuthenticationOptions());

    public void Put(string path, KubernetesObject item) => Change(path, item, "MODIFIED", objects => objects[$"{item.Namespace}/{item.Name}"] = item);

    public void Delete(string path, KubernetesObject item) => Change(path, item, "DELETED", objects => objects.Remove($"{item.Namespace}/{item.Name}"));

    public void Dispose() => _listener.Close();

    private void Change(string path, KubernetesObject item, string type, Action<Dictionary<string, KubernetesObject>> change)
    {
        lock (_gate)
        {
            item.Json["metadata"]!["resourceVersion"] = Version(_events.Count + 1);
            change(Of(path));
            _events.Add((path, new JsonObject { ["type"] = type, ["object"] = item.Json.DeepClone() }.ToJsonString() + "\n"));
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private Dictionary<string, KubernetesObject> Of(string path) => _objects.TryGetValue(path, out Dictionary<string, KubernetesObject>? objects) ? objects : _objects[path] = [];

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // the test is over
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        string path = context.Request.Url!.AbsolutePath;
        using StreamReader body = new(context.Request.InputStream);
        string text = await body.ReadToEndAsync();
        LastBody = text.Length > 0 ? text : LastBody;
        lock (_gate)
        {
            _requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl}");
        }

        if (Answer(context.Request.HttpMethod, path) is (int status, string json))
        {
            await WriteAsync(context, status, json);
        }
        else if (path == "/apis/discovery.k8s.io")
        {
            await WriteAsync(context, 200, new JsonObject { ["versions"] = new JsonArray([.. Versions.Select(version => new JsonObject { ["version"] = version })]) }.ToJsonString());
        }
        else if (context.Request.QueryString["watch"] == "true")
        {
            await WatchAsync(context, path, int.Parse(context.Request.QueryString["resourceVersion"]!, CultureInfo.InvariantCulture));
        }
        else
        {
            await WriteAsync(context, 200, List(path).ToJsonString());
        }
    }

    private JsonObject List(string path)
    {
        lock (_gate)
        {
            return new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = Version(_events.Count) },
                ["items"] = new JsonArray([.. Of(path).Values.Select(item => item.Json.DeepClone())]),
            };
        }
    }

    private async Task WatchAsync(HttpListenerContext context, string path, int from)
    {
        context.Response.SendChunked = true;
        await WriteLinesAsync(context, new JsonObject { ["type"] = "BOOKMARK", ["object"] = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = Version(from) } } }.ToJsonString() + "\n");
        while (_listener.IsListening)
        {
            string lines;
            Task changed;
            lock (_gate)
            {
                lines = string.Concat(_events.Skip(from).Where(item => item.Path == path).Select(item => item.Line));
                from = _events.Count;
                changed = _changed.Task;
            }

            await WriteLinesAsync(context, lines);
            await changed;
        }
    }

    private static async Task WriteLinesAsync(HttpListenerContext context, string lines)
    {
        if (lines.Length > 0)
        {
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(lines));
            await context.Response.OutputStream.FlushAsync();
        }
    }

    private static async Task WriteAsync(HttpListenerContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(json));
        context.Response.Close();
    }

    private static string Version(int number) => number.ToString(CultureInfo.InvariantCulture);
}
