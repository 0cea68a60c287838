using Images.Baker.Sources;
using Images.Baker.Sources.Downloads;
using Images.Baker.Sources.Mirrors;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

public sealed class ArtefactFetcherTests : IDisposable
{
    private const string Name = "debian/pool/a.deb";
    private readonly TemporaryFolder _folder = new();
    private readonly FaultyServer _server = new();
    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly byte[] _file = new byte[1_000_000];

    public ArtefactFetcherTests()
    {
        new Random(7).NextBytes(_file);
        _server.Files[Name] = _file;
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_broken_connection_is_gone_on_with_where_it_broke()
    {
        _server.Spoil(Name, ServerFault.Truncate, ServerFault.Truncate);
        (await FetchAsync()).ShouldBeTrue();
        Stored().ShouldBe(_file);
        _server.Requests.ShouldBe([Name, $"{Name} bytes=500000-", $"{Name} bytes=750000-"]);
    }

    [Fact]
    public async Task A_connection_that_stalls_is_given_up_and_gone_on_with()
    {
        _server.Spoil(Name, ServerFault.Stall);
        (await FetchAsync()).ShouldBeTrue();
        Stored().ShouldBe(_file);
        _server.Requests.ShouldBe([Name, $"{Name} bytes=500000-"]);
    }

    [Theory]
    [InlineData(ServerFault.IgnoreRange)]
    [InlineData(ServerFault.WrongContentRange)]
    [InlineData(ServerFault.RangeNotSatisfiable)]
    [InlineData(ServerFault.Unavailable)]
    [InlineData(ServerFault.WrongBytes)]
    public async Task Whatever_the_server_answers_to_a_range_the_file_ends_up_right(ServerFault fault)
    {
        _server.Spoil(Name, ServerFault.Truncate, fault);
        if (fault == ServerFault.WrongBytes)
        {
            await Should.ThrowAsync<BakeException>(FetchAsync);
        }

        (await FetchAsync()).ShouldBeTrue();
        Stored().ShouldBe(_file);
    }

    [Fact]
    public async Task A_file_that_changed_on_the_server_starts_again()
    {
        byte[] old = new byte[_file.Length];
        _server.Files[Name] = old;
        _server.Spoil(Name, ServerFault.Truncate, ServerFault.NotFound);
        using (PartialFile partial = PartialFile.TryOpen(_folder["old"])!)
        {
            partial.Resume();
            HttpDownload download = new(_client, Options);
            (await download.RunAsync(Mirror, "pool/a.deb", old.Length, partial, _ => { }, CancellationToken.None)).ShouldBeFalse();
            _server.Files[Name] = _file;
            (await download.RunAsync(Mirror, "pool/a.deb", _file.Length, partial, _ => { }, CancellationToken.None)).ShouldBeTrue();
            partial.MoveTo(_folder["new"]);
        }

        File.ReadAllBytes(_folder["new"]).ShouldBe(_file);
    }

    [Fact]
    public async Task A_server_without_validators_is_never_asked_for_a_part()
    {
        _server.SendsETag = false;
        _server.Spoil(Name, ServerFault.Truncate);
        (await FetchAsync()).ShouldBeTrue();
        _server.Requests.ShouldBe([Name, Name]);
        Stored().ShouldBe(_file);
    }

    [Fact]
    public async Task A_bake_that_was_interrupted_leaves_what_the_next_one_goes_on_with()
    {
        _server.Spoil(Name, ServerFault.Truncate, ServerFault.NotFound);
        using CancellationTokenSource interrupt = new();
        Task first = FetchAsync(position => interrupt.Cancel(), interrupt.Token);
        await Should.ThrowAsync<OperationCanceledException>(() => first);

        (await FetchAsync()).ShouldBeFalse("the server says 404 once");
        (await FetchAsync()).ShouldBeTrue();
        Stored().ShouldBe(_file);
    }

    [Fact]
    public async Task Bytes_left_by_an_earlier_bake_that_turn_out_wrong_are_fetched_again()
    {
        Directory.CreateDirectory(_folder["cache/partial"]);
        File.WriteAllBytes(_folder["cache/partial/" + Digest.Sha256(_file).Hex], new byte[1000]);
        File.WriteAllText(_folder["cache/partial/" + Digest.Sha256(_file).Hex + ".from"], $"\"{Digest.Sha256(_file).Hex[..12]}\"");
        (await FetchAsync()).ShouldBeTrue();
        _server.Requests.ShouldBe([$"{Name} bytes=1000-", Name]);
        Stored().ShouldBe(_file);
    }

    [Theory]
    [InlineData(ServerFault.WrongBytes, "BAKE0331")]
    [InlineData(ServerFault.TooLong, "BAKE0332")]
    public async Task Wrong_bytes_are_refused_and_not_kept(ServerFault fault, string code)
    {
        _server.Spoil(Name, fault);
        (await Should.ThrowAsync<BakeException>(FetchAsync)).Code.ShouldBe(code);
        File.Exists(_folder["cache/sha256/" + Digest.Sha256(_file).Hex]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_never_recovers_is_named()
    {
        _server.Spoil(Name, [.. Enumerable.Repeat(ServerFault.Unavailable, 10)]);
        BakeException error = await Should.ThrowAsync<BakeException>(FetchAsync);
        error.Code.ShouldBe("BAKE0332");
        error.Fault.ShouldBe(BakeFault.Source);
        error.Message.ShouldContain(_server.Address);
        error.Message.ShouldContain("503");
        _server.Requests.Count.ShouldBe(Options.Attempts);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        FaultyServer closed = new();
        string address = closed.Address;
        closed.Dispose();
        BakeException error = await Should.ThrowAsync<BakeException>(() => FetchAsync([new Mirror(new Uri(address + "debian"))], _ => { }, CancellationToken.None));
        error.Message.ShouldContain(address);
    }

    [Fact]
    public async Task The_next_mirror_is_asked_when_one_fails()
    {
        using FaultyServer dead = new();
        dead.Spoil(Name, [.. Enumerable.Repeat(ServerFault.Unavailable, 10)]);
        dead.Files[Name] = _file;
        (await FetchAsync([new Mirror(new Uri(dead.Address + "debian")), Mirror], _ => { }, CancellationToken.None)).ShouldBeTrue();
        Stored().ShouldBe(_file);
    }

    [Fact]
    public async Task A_file_that_no_server_has_is_gone()
    {
        _server.Files.Clear();
        (await FetchAsync()).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(_folder["cache/partial"]).ShouldBeEmpty();
    }

    private static DownloadOptions Options { get; } = new() { StallTimeout = TimeSpan.FromMilliseconds(700), FirstBackOff = TimeSpan.FromMilliseconds(1) };

    private Mirror Mirror => new(new Uri(_server.Address + "debian"));

    private Task<bool> FetchAsync() => FetchAsync(_ => { }, CancellationToken.None);

    private Task<bool> FetchAsync(Action<long> position, CancellationToken cancellationToken) => FetchAsync([Mirror], position, cancellationToken);

    private Task<bool> FetchAsync(Mirror[] mirrors, Action<long> position, CancellationToken cancellationToken)
    {
        ArtefactFetcher fetcher = new(new DownloadCache(_folder["cache"]), MirrorSet.Choose(_server.Address, []), null, _client, Options);
        return fetcher.FetchAsync(
            [.. mirrors.Select(mirror => (mirror, "pool/a.deb"))], Digest.Sha256(_file), _file.Length, "a.deb", position, cancellationToken);
    }

    private byte[] Stored() => File.ReadAllBytes(_folder["cache/sha256/" + Digest.Sha256(_file).Hex]);
}
