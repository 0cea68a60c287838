using System.Net;
using System.Net.Security;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>
/// An API server of a few lines, for what a real one cannot be brought to do: be away, refuse, or change at a moment of the test's choice.
/// It keeps every request, and one list of objects that can be watched.
/// </summary>
internal sealed class StubApi : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HttpListener _listener = new();
    private readonly string _url = $"http://127.0.0.1:{FreePort.Next()}";
    private readonly List<string> _requests = [];
    private readonly List<Stream> _watches = [];
    private readonly List<JsonObject> _objects = [];

    public StubApi()
    {
        _listener.Prefixes.Add(_url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>What is answered to method and path without its query; null: the list of objects, or its watch.</summary>
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

    public KubernetesClient Connect() => new(_url, new SslClientAuthenticationOptions());

    /// <summary>Adds or replaces an object, and tells whoever watches.</summary>
    public void Put(JsonObject item)
    {
        string name = new KubernetesObject(item).Name;
        lock (_gate)
        {
            bool isNew = _objects.RemoveAll(other => new KubernetesObject(other).Name == name) == 0;
            _objects.Add(item);
            byte[] line = Encoding.UTF8.GetBytes($$"""{"type":"{{(isNew ? "ADDED" : "MODIFIED")}}","object":{{item.ToJsonString()}}}""" + "\n");
            foreach (Stream watch in _watches)
            {
                watch.Write(line);
                watch.Flush();
            }
        }
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                Serve(await _listener.GetContextAsync());
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // the test is over
            }
        }
    }

    private void Serve(HttpListenerContext visit)
    {
        using StreamReader body = new(visit.Request.InputStream);
        string text = body.ReadToEnd();
        LastBody = text.Length > 0 ? text : LastBody;
        lock (_gate)
        {
            _requests.Add($"{visit.Request.HttpMethod} {visit.Request.RawUrl}");
        }

        (int Status, string Json)? answer = Answer(visit.Request.HttpMethod, visit.Request.Url!.AbsolutePath);
        if (answer is null && visit.Request.QueryString["watch"] == "true")
        {
            visit.Response.SendChunked = true;
            visit.Response.OutputStream.Flush();
            lock (_gate)
            {
                _watches.Add(visit.Response.OutputStream);
            }

            return;
        }

        (visit.Response.StatusCode, string json) = answer ?? (200, List());
        visit.Response.Close(Encoding.UTF8.GetBytes(json), willBlock: true);
    }

    private string List()
    {
        lock (_gate)
        {
            return new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = "1" },
                ["items"] = new JsonArray([.. _objects.Select(item => item.DeepClone())]),
            }.ToJsonString();
        }
    }
}
