using Images.Baker.Caching;
using Images.Baker.Fetching;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

public sealed class ArtefactFetcherTests : IDisposable
{
    private const string Name = "debian/pool/a.deb";
    private readonly TemporaryFolder _folder = new();
    private readonly FaultyServer _server = new();
    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly byte[] _file = new byte[1_000_000];
    private readonly List<string> _notices = [];

    /// <summary>On a busy machine an answer may be late, and a second request would be answered otherwise than the first.</summary>
    private DownloadOptions _options = new() { StallTimeout = TimeSpan.FromMinutes(1), FirstBackOff = TimeSpan.FromMilliseconds(1) };

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
    public async Task A_file_that_is_shorter_on_the_server_is_not_asked_for_without_end()
    {
        _server.Files[Name] = _file[..^100];
        (await Should.ThrowAsync<BakeException>(FetchAsync)).Code.ShouldBe("BAKE0332");
        _server.Requests.Count.ShouldBeInRange(2, 12);
    }

    [Fact]
    public async Task A_connection_that_stalls_is_given_up_and_gone_on_with()
    {
        _options = _options with { StallTimeout = TimeSpan.FromMilliseconds(700) };
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
            HttpDownload download = new(_client, _options);
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
    [InlineData(ServerFault.TooLong, "BAKE0331")]
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
        _server.Requests.Count.ShouldBe(_options.Attempts);
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

    [Theory]
    [InlineData(ServerFault.WrongBytes)]
    [InlineData(ServerFault.TooLong)]
    public async Task A_mirror_with_wrong_bytes_is_named_and_the_next_one_asked(ServerFault fault)
    {
        using FaultyServer liar = new();
        liar.Files[Name] = _file;
        liar.Spoil(Name, fault);
        (await FetchAsync([new Mirror(new Uri(liar.Address + "debian")), Mirror], _ => { }, CancellationToken.None)).ShouldBeTrue();
        Stored().ShouldBe(_file);
        _notices.ShouldHaveSingleItem().ShouldContain($"{liar.Address}debian/pool/a.deb");
    }

    [Fact]
    public async Task When_no_mirror_has_the_right_bytes_the_error_names_each()
    {
        using FaultyServer liar = new();
        liar.Files[Name] = [.. _file.Reverse()];
        using FaultyServer broken = new();
        broken.Spoil(Name, [.. Enumerable.Repeat(ServerFault.Unavailable, 10)]);
        _server.Spoil(Name, ServerFault.WrongBytes);
        BakeException error = await Should.ThrowAsync<BakeException>(() => FetchAsync(
            [new Mirror(new Uri(liar.Address + "debian")), new Mirror(new Uri(broken.Address + "debian")), Mirror], _ => { }, CancellationToken.None));
        error.Code.ShouldBe("BAKE0331");
        error.Message.ShouldContain($"{liar.Address}debian/pool/a.deb sends wrong bytes: {Digest.Sha256(liar.Files[Name])}");
        error.Message.ShouldContain($"{broken.Address}debian/pool/a.deb: the server answered 503");
        error.Message.ShouldContain($"{_server.Address}debian/pool/a.deb sends wrong bytes");
        error.Message.ShouldContain(Digest.Sha256(_file).ToString());
        _notices.ShouldBeEmpty();
        Directory.EnumerateFiles(_folder["cache/sha256"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_forbids_and_a_name_that_nobody_knows_are_named_and_asked_once()
    {
        _server.Spoil(Name, ServerFault.Forbidden);
        BakeException error = await Should.ThrowAsync<BakeException>(() => FetchAsync([Mirror, new Mirror(new Uri("http://mirror.invalid/debian"))], _ => { }, CancellationToken.None));
        error.Code.ShouldBe("BAKE0332");
        error.Message.ShouldContain("the server answered 403");
        error.Message.ShouldContain("http://mirror.invalid/debian/pool/a.deb: ");
        _server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_no_server_has_is_gone()
    {
        _server.Files.Clear();
        (await FetchAsync()).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(_folder["cache/partial"]).ShouldBeEmpty();
    }

    private Mirror Mirror => new(new Uri(_server.Address + "debian"));

    private Task<bool> FetchAsync() => FetchAsync(_ => { }, CancellationToken.None);

    private Task<bool> FetchAsync(Action<long> position, CancellationToken cancellationToken) => FetchAsync([Mirror], position, cancellationToken);

    private Task<bool> FetchAsync(Mirror[] mirrors, Action<long> position, CancellationToken cancellationToken)
    {
        ArtefactFetcher fetcher = new(new ContentCache(_folder["cache"], TimeProvider.System), _client, _options);
        Artefact wanted = new() { Name = "a.deb", Digest = Digest.Sha256(_file), Size = _file.Length, Sources = [.. mirrors.Select(mirror => (mirror, "pool/a.deb"))] };
        return fetcher.FetchAsync(wanted, position, _notices.Add, cancellationToken);
    }

    private byte[] Stored() => File.ReadAllBytes(_folder["cache/sha256/" + Digest.Sha256(_file).Hex]);
}
