using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Discovery;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Discovery;

public sealed class ResolvedResolverTests
{
    [Fact]
    public async Task Asks_past_the_cache_for_an_absolute_name_and_reads_the_addresses_as_a_set()
    {
        (ResolverAnswer answer, JsonElement asked) = await AskAsync(
            """{"parameters":{"addresses":[{"ifindex":2,"family":2,"address":[10,0,0,12]},{"family":2,"address":[10,0,0,11]}],"name":"etcd.demo.k8s","flags":1}}""");

        answer.Failure.ShouldBeNull();
        answer.Addresses.Addresses.ShouldBe(["10.0.0.11", "10.0.0.12"]);
        asked.GetProperty("method").GetString().ShouldBe("io.systemd.Resolve.ResolveHostname");
        asked.GetProperty("parameters").GetProperty("name").GetString().ShouldBe("etcd.demo.k8s.");
        asked.GetProperty("parameters").GetProperty("flags").GetUInt64().ShouldBe(4096UL | 2048UL, "neither from the cache nor from /etc/hosts");
    }

    [Theory]
    [InlineData("""{"error":"io.systemd.Resolve.DNSError","parameters":{"rcode":3}}""", "the name does not exist (NXDOMAIN)")]
    [InlineData("""{"error":"io.systemd.Resolve.DNSError","parameters":{"rcode":2}}""", "the DNS server failed (SERVFAIL)")]
    [InlineData("""{"error":"io.systemd.Resolve.DNSError","parameters":{"rcode":5}}""", "the DNS server refused (REFUSED)")]
    [InlineData("""{"error":"io.systemd.Resolve.NoSuchResourceRecord"}""", "the name has no address")]
    [InlineData("""{"error":"io.systemd.Resolve.NoNameServers","parameters":{}}""", "no DNS server is known yet")]
    [InlineData("""{"error":"io.systemd.Resolve.QueryTimedOut"}""", "the DNS server gave no answer")]
    [InlineData("""{"parameters":{"addresses":[]}}""", "the answer holds no address")]
    public async Task Says_in_words_why_there_is_no_address(string reply, string failure)
    {
        (ResolverAnswer answer, _) = await AskAsync(reply);

        answer.Failure.ShouldBe(failure);
        answer.Addresses.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("{\"parameters\":{")]
    [MemberData(nameof(ForeignJsonTests.Nonsense), MemberType = typeof(ForeignJsonTests))]
    [InlineData("""{"error":null}""")]
    [InlineData("""{"error":7}""")]
    [InlineData("""{"error":"io.systemd.Resolve.DNSError","parameters":{"rcode":"three"}}""")]
    [InlineData("""{"error":"io.systemd.Resolve.DNSError","parameters":[]}""")]
    [InlineData("""{"parameters":null}""")]
    [InlineData("""{"parameters":{"addresses":null}}""")]
    [InlineData("""{"parameters":{"addresses":[null]}}""")]
    [InlineData("""{"parameters":{"addresses":[{"address":null}]}}""")]
    [InlineData("""{"parameters":{"addresses":[{"family":2}]}}""")]
    [InlineData("""{"parameters":{"addresses":[{"address":[10,0,0,256]}]}}""")]
    [InlineData("""{"parameters":{"addresses":[{"address":[10,0,0,"1"]}]}}""")]
    [InlineData("""{"parameters":{"addresses":[{"address":[10,0,0]}]}}""")]
    public async Task A_broken_reply_is_a_failed_answer_and_no_crash(string reply)
    {
        (ResolverAnswer answer, _) = await AskAsync(reply);

        answer.Failure.ShouldNotBeNull();
    }

    [Fact]
    public async Task Falls_back_to_the_C_library_where_resolved_does_not_run()
    {
        ResolvedResolver resolver = new("/nowhere/io.systemd.Resolve", AddressFamily.InterNetwork, new LibcResolver(AddressFamily.InterNetwork));

        ResolverAnswer answer = await resolver.ResolveAsync("localhost", CancellationToken.None);

        answer.Addresses.Addresses.ShouldBe(["127.0.0.1"]);
    }

    private static async Task<(ResolverAnswer Answer, JsonElement Asked)> AskAsync(string reply)
    {
        using TemporaryFolder folder = new();
        using Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        server.Bind(new UnixDomainSocketEndPoint(folder["socket"]));
        server.Listen();
        Task<string> served = Task.Run(async () =>
        {
            using Socket client = await server.AcceptAsync();
            byte[] buffer = new byte[4096];
            int count = await client.ReceiveAsync(buffer);
            byte[] bytes = [.. Encoding.UTF8.GetBytes(reply), 0];
            await client.SendAsync(bytes.AsMemory(0, bytes.Length / 2)); // a message may come in pieces
            await client.SendAsync(bytes.AsMemory(bytes.Length / 2));
            return Encoding.UTF8.GetString(buffer, 0, count - 1);
        });

        ResolvedResolver resolver = new(folder["socket"], AddressFamily.InterNetwork, new LibcResolver(AddressFamily.InterNetwork));
        ResolverAnswer answer = await resolver.ResolveAsync("etcd.demo.k8s.", CancellationToken.None);
        return (answer, JsonDocument.Parse(await served).RootElement.Clone());
    }
}
