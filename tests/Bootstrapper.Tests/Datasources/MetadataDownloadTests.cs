using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Bootstrapper.Datasources;

namespace Images.Bootstrapper.Tests.Datasources;

public sealed class MetadataDownloadTests : IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TcpListener _other = new(IPAddress.Loopback, 0);
    private readonly VirtualTime _time = new();
    private readonly MetadataDownload _download;
    private readonly List<string> _asked = [];

    public MetadataDownloadTests()
    {
        _download = new MetadataDownload(_time);
        _server.Start();
        _other.Start();
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "401 No", "answers 401: it wants a user and password, or a token, which this machine does not send" },
        { "403 No", "answers 403: it does not allow this machine to read it" },
        { "410 Gone", "answers 410: it is gone, or not there yet" },
        { "418 Teapot", "answers 418: it refuses the request" },
        { "429 Slow", "answers 429: it is asked too often" },
        { "503 Busy", "answers 503: it is busy, or not ready yet" },
        { "599 What", "answers 599: it has a fault" },
        { "300 Choices", "answers 300" },
    };

    private string Url => $"http://127.0.0.1:{PortOf(_server)}/u";

    public void Dispose()
    {
        _server.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("204 No Content", "", 0)]
    [InlineData("200 OK", "", 0)]
    [InlineData("200 OK", "abc", 3)]
    [InlineData("404 Not Found", "<html>", null)]
    public async Task An_empty_answer_means_that_none_was_given(string status, string body, int? length)
    {
        Task serving = ServeAsync(_server, Answer(status, body));
        (await _download.ReadAsync(Url, CancellationToken.None))?.Length.ShouldBe(length!.Value);
        await serving;
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Other_answers_are_said_in_words(string status, string words)
    {
        Task serving = ServeAsync(_server, Answer(status));
        (await RefusedAsync()).ShouldBe($"{Url} {words}");
        await serving;
    }

    [Fact]
    public async Task No_proxy_is_asked()
    {
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new ProxyOfOne(PortOf(_server), new Uri($"http://127.0.0.1:{PortOf(_other)}"));
        try
        {
            Task serving = ServeAsync(_server, Answer("200 OK", "mine"));
            _ = ServeAsync(_other, Answer("200 OK", "the proxy's"));
            Encoding.UTF8.GetString((await _download.ReadAsync(Url, CancellationToken.None))!).ShouldBe("mine");
            await serving;
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public async Task The_same_host_may_move_its_file()
    {
        Task serving = ServeAsync(_server, Moved("/v2"), Moved($"http://127.0.0.1:{PortOf(_server)}/v3"), Answer("200 OK", "abc"));
        (await _download.ReadAsync(Url, CancellationToken.None))!.Length.ShouldBe(3);
        await serving;
        _asked.ShouldBe(["/u", "/v2", "/v3"]);
    }

    [Fact]
    public async Task Another_host_or_port_is_not_followed_and_named_without_its_query()
    {
        string[] places = [$"http://127.0.0.1:{PortOf(_other)}/x?key=1", $"http://localhost:{PortOf(_server)}/x", "ftp://127.0.0.1/x", "file:///etc/passwd"];
        foreach (string place in places)
        {
            Task serving = ServeAsync(_server, Moved(place));
            string refused = await RefusedAsync();
            await serving;
            refused.ShouldBe($"{Url} redirects to {place.Split('?')[0]}; only one to the same host and port, or to its https, is followed: name the other URL in its place if you trust it");
        }

        _other.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_redirects_for_ever_is_left()
    {
        Task serving = ServeAsync(_server, [.. Enumerable.Repeat(Moved("/u"), 6)]);
        (await RefusedAsync()).ShouldBe($"{Url} redirects more than 5 times");
        await serving;
    }

    [Theory]
    [InlineData("Retry-After: 7", 7)]
    [InlineData("Retry-After: 86400", 30)]
    [InlineData("Date: Fri, 02 Jan 1970 00:00:00 GMT\r\nRetry-After: Fri, 02 Jan 1970 00:00:12 GMT", 12)]
    public async Task A_server_that_asks_for_a_pause_gets_it_but_for_at_most_thirty_seconds(string header, int seconds)
    {
        string words = $"{Url} answers 503: it is busy, or not ready yet; it asks for a pause of {seconds} s";
        Task serving = ServeAsync(_server, Answer("503 Busy", "", header), Answer("200 OK", "abc"));
        (await RefusedAsync()).ShouldBe(words);

        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        (await RefusedAsync()).ShouldBe(words);
        _asked.Count.ShouldBe(1, "it was not asked again");

        _time.Advance(TimeSpan.FromSeconds(1));
        (await _download.ReadAsync(Url, CancellationToken.None))!.Length.ShouldBe(3);
        await serving;
    }

    [Theory]
    [InlineData("Retry-After: Fri, 02 Jan 1970 00:00:12 GMT")]
    [InlineData("Retry-After: soon")]
    [InlineData("Retry-After: 0")]
    public async Task What_names_no_pause_is_asked_again_at_once(string header)
    {
        Task serving = ServeAsync(_server, Answer("503 Busy", "", header), Answer("200 OK", "abc"));
        (await RefusedAsync()).ShouldBe($"{Url} answers 503: it is busy, or not ready yet");
        (await _download.ReadAsync(Url, CancellationToken.None))!.Length.ShouldBe(3);
        await serving;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static string Answer(string status, string body = "", string header = "X: y") =>
        $"HTTP/1.1 {status}\r\n{header}\r\nConnection: close\r\n{(status.StartsWith("204", StringComparison.Ordinal) ? "" : $"Content-Length: {body.Length}\r\n")}\r\n{body}";

    private static string Moved(string place) => Answer("302 Found", "", $"Location: {place}");

    private async Task<string> RefusedAsync() =>
        (await Should.ThrowAsync<IOException>(() => _download.ReadAsync(Url, CancellationToken.None))).Message;

    private async Task ServeAsync(TcpListener listener, params string[] answers)
    {
        foreach (string answer in answers)
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            NetworkStream stream = client.GetStream();
            byte[] request = new byte[4096];
            int count = await stream.ReadAtLeastAsync(request, 1, throwOnEndOfStream: false);
            _asked.Add(Encoding.UTF8.GetString(request, 0, count).Split(' ')[1]);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        }
    }

    /// <summary>Set for all of the process, so it concerns one port only.</summary>
    private sealed class ProxyOfOne(int port, Uri proxy) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => proxy;

        public bool IsBypassed(Uri host) => host.Port != port;
    }
}
