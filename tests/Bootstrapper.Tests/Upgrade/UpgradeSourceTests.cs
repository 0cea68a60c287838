using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Images.Bootstrapper.Upgrade;
using Images.Formats;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Upgrade;

public sealed class UpgradeSourceTests : IDisposable
{
    private static readonly byte[] _body = Encoding.ASCII.GetBytes("an upgrade");
    private static readonly string _digest = Convert.ToHexStringLower(SHA256.HashData(_body));

    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public UpgradeSourceTests() => _server.Start();

    private string Url => $"http://user:key@127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}/node.upgrade?token=key";

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("http://10.0.0.1/u")]
    [InlineData("https://user:key@10.0.0.1/u?key")]
    public void A_url_without_a_digest_is_refused_and_nobody_is_asked(string url)
    {
        BootFailure failure = Should.Throw<BootFailure>(() => UpgradeSource.Open(url, sha256: null));
        failure.Message.ShouldContain("add --sha256");
        failure.Message.ShouldNotContain("key");
    }

    [Theory]
    [InlineData("ftp://10.0.0.1/u")]
    [InlineData("file:///etc/shadow")]
    [InlineData("http://")]
    public void Other_urls_are_refused(string url) =>
        Should.Throw<BootFailure>(() => UpgradeSource.Open(url, _digest)).Code.ShouldBe("NODE0809");

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789")]
    public void A_digest_that_is_none_is_refused(string digest) =>
        Should.Throw<BootFailure>(() => UpgradeSource.Open("-", digest)).Place.ShouldBe("--sha256");

    [Fact]
    public async Task A_server_is_believed_by_the_digest_alone()
    {
        Task serving = Task.Run(() => ServeAsync("200 OK"));
        using UpgradeSource source = UpgradeSource.Open(Url, _digest);
        Read(source).ShouldBe(_body);
        source.RequirePromised();
        source.Name.ShouldNotContain("key");
        await serving;
    }

    [Fact]
    public async Task Another_content_than_promised_is_refused_at_its_end()
    {
        Task serving = Task.Run(() => ServeAsync("200 OK"));
        using UpgradeSource source = UpgradeSource.Open(Url, new string('0', 64));
        source.Stream.ReadByte();
        Should.Throw<MalformedDataException>(source.RequirePromised).Message.ShouldContain(_digest);
        await serving;
    }

    [Theory]
    [InlineData("302 Found")]
    [InlineData("404 Not Found")]
    public async Task Another_answer_is_refused_and_no_redirect_followed(string status)
    {
        Task serving = Task.Run(() => ServeAsync(status));
        Should.Throw<BootFailure>(() => UpgradeSource.Open(Url, _digest)).Message.ShouldContain($"answers {status[..3]}");
        await serving;
    }

    [Fact]
    public void A_file_may_have_a_digest_and_need_not()
    {
        File.WriteAllBytes(_folder["node.upgrade"], _body);
        foreach (string? digest in (string?[])[null, _digest])
        {
            using UpgradeSource source = UpgradeSource.Open(_folder["node.upgrade"], digest);
            Read(source).ShouldBe(_body);
            source.RequirePromised();
        }

        Should.Throw<BootFailure>(() => UpgradeSource.Open(_folder["absent"], sha256: null)).Code.ShouldBe("NODE0809");
    }

    private static byte[] Read(UpgradeSource source)
    {
        using MemoryStream read = new();
        source.Stream.CopyTo(read);
        return read.ToArray();
    }

    private async Task ServeAsync(string status)
    {
        using TcpClient client = await _server.AcceptTcpClientAsync();
        NetworkStream stream = client.GetStream();
        byte[] request = new byte[4096];
        _ = await stream.ReadAtLeastAsync(request, 1, throwOnEndOfStream: false);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\nContent-Length: {_body.Length}\r\n\r\n{Encoding.ASCII.GetString(_body)}"));
    }
}
