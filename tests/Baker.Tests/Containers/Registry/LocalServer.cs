using System.Collections.Concurrent;
using System.Net;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers.Registry;

/// <summary>An HTTP server on 127.0.0.1 that answers as a function says.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Action<HttpListenerRequest, HttpListenerResponse> _answer;

    public LocalServer(Action<HttpListenerRequest, HttpListenerResponse> answer)
    {
        _answer = answer;
        Host = $"127.0.0.1:{FreePort.Next()}";
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Host { get; }

    /// <summary>Path and query, then the Authorization header if there was one.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync();
                Requests.Enqueue($"{context.Request.RawUrl} {context.Request.Headers["Authorization"]}".TrimEnd());
                Answer(context);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            _answer(context.Request, context.Response);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // the client had enough, or the answer was to break off
        }
    }
}
