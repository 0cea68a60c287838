using System.Net;
using System.Text;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

/// <summary>Pages and watches as an API server sends them, and as one that is stopped leaves them; one scripted answer for each request.</summary>
public sealed class KubernetesClientTests : IDisposable
{
    private const string List = "/api/v1/nodes?limit=500";
    private const string WatchFrom = "/api/v1/nodes?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=";

    private readonly FakeObjectApi _api = new();
    private readonly Lock _gate = new();
    private readonly Queue<Func<HttpListenerContext, Task>> _answers = new();
    private readonly List<string> _asked = [];
    private readonly List<string> _said = [];
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(5));

    public KubernetesClientTests() => _api.Instead = async context =>
    {
        Func<HttpListenerContext, Task>? answer;
        lock (_gate)
        {
            _asked.Add(context.Request.RawUrl!);
            _answers.TryDequeue(out answer);
        }

        await (answer is null ? Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default) : answer(context));
        return true;
    };

    public void Dispose()
    {
        _stop.Cancel();
        _api.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_list_is_read_page_by_page()
    {
        Answer(Page("1", "a/1=", "n1", "n2"), Page("1", "b", "n3"), Page("1", "", "n4"));
        using KubernetesClient client = _api.Connect();
        KubernetesList list = await client.ListAsync("/api/v1/nodes", "role in (a,b)", _stop.Token);
        list.Items.Select(item => item.Name).ShouldBe(["n1", "n2", "n3", "n4"]);
        list.ResourceVersion.ShouldBe("1");
        const string Selected = $"{List}&labelSelector=role%20in%20%28a%2Cb%29";
        _asked.ShouldBe([Selected, $"{Selected}&continue=a%2F1%3D", $"{Selected}&continue=b"]);
    }

    [Fact]
    public async Task A_list_that_took_longer_than_its_version_is_kept_begins_anew()
    {
        Answer(Page("1", "next", "n1", "gone"), context => FakeObjectApi.RefuseAsync(context, 410, "the provided continue parameter is too old"), Page("8", "", "n1", "n2"));
        using KubernetesClient client = _api.Connect();
        KubernetesList list = await client.ListAsync("/api/v1/nodes", "", _stop.Token);
        list.Items.Select(item => item.Name).ShouldBe(["n1", "n2"]);
        list.ResourceVersion.ShouldBe("8");
        _asked.ShouldBe([List, $"{List}&continue=next", List]);
    }

    [Fact]
    public async Task A_page_that_is_refused_is_an_error_and_half_a_list_is_none()
    {
        Answer(Page("1", "next", "n1"), context => FakeObjectApi.RefuseAsync(context, 500, "etcdserver: leader changed"));
        using KubernetesClient client = _api.Connect();
        (await Should.ThrowAsync<KubernetesApiException>(client.ListAsync("/api/v1/nodes", "", _stop.Token))).Message.ShouldBe("etcdserver: leader changed");
    }

    [Fact]
    public async Task When_a_watch_ends_with_410_everything_is_listed_again_and_what_is_gone_goes()
    {
        Answer(
            Page("1", "", "old", "kept"),
            Watch(Event("ADDED", "new", 2), """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version: 2 (9)"}}"""),
            Page("9", "", "kept", "newer"));
        ResourceWatch watch = await FollowAsync(asked: 4);
        _asked.ShouldBe([List, WatchFrom + "1", List, WatchFrom + "9"]);
        Names(watch).ShouldBe(["kept", "newer"]);
        _said.ShouldBeEmpty("that is how it goes");
    }

    [Fact]
    public async Task When_a_watch_is_refused_with_410_everything_is_listed_again()
    {
        Answer(Page("1", "", "old"), context => FakeObjectApi.RefuseAsync(context, 410, "too old resource version"), Page("9", "", "new"));
        ResourceWatch watch = await FollowAsync(asked: 4);
        _asked.ShouldBe([List, WatchFrom + "1", List, WatchFrom + "9"]);
        Names(watch).ShouldBe(["new"]);
    }

    [Fact]
    public async Task A_watch_that_ends_within_a_line_goes_on_after_the_last_whole_one()
    {
        Answer(
            Page("1", "", "n1"),
            Watch(Event("ADDED", "n2", 2), "no newline: " + Event("DELETED", "n1", 3)),
            Watch(Event("DELETED", "n1", 3), """{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}"""));
        ResourceWatch watch = await FollowAsync(asked: 4);
        _asked.ShouldBe([List, WatchFrom + "1", WatchFrom + "2", WatchFrom + "7"]);
        Names(watch).ShouldBe(["n2"]);
        _said.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_watch_that_breaks_off_is_said_and_goes_on_after_the_last_whole_line()
    {
        Answer(
            Page("1", "", "n1"),
            async context =>
            {
                context.Response.ContentLength64 = 100_000; // of which it sends a few
                await SendAsync(context, Event("ADDED", "n2", 2) + "\n" + """{"type":"ADDED","object":{"meta""");
                await Task.Delay(200);
                context.Response.Abort();
            },
            Watch(Event("ADDED", "n3", 3)));
        ResourceWatch watch = await FollowAsync(asked: 4);
        _asked.ShouldBe([List, WatchFrom + "1", WatchFrom + "2", WatchFrom + "3"]);
        Names(watch).ShouldBe(["n1", "n2", "n3"]);
        _said.Count.ShouldBe(2);
        _said[0].ShouldContain("the watch broke off");
        _said[1].ShouldBe("the Kubernetes API answers again");
    }

    [Fact]
    public async Task A_watch_with_a_line_that_is_no_event_is_said_and_tried_again()
    {
        Answer(Page("1", "", "n1"), Watch("nonsense"), Watch("{}"), Watch(Event("ADDED", "n2", 2)));
        ResourceWatch watch = await FollowAsync(asked: 5);
        Names(watch).ShouldBe(["n1", "n2"]);
        _said.Count.ShouldBe(3, string.Join('\n', _said));
    }

    private void Answer(params Func<HttpListenerContext, Task>[] answers) => Array.ForEach(answers, _answers.Enqueue);

    /// <summary>Until so many requests were made; the last one is never answered.</summary>
    private async Task<ResourceWatch> FollowAsync(int asked)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        ResourceWatch watch = new(_api.Connect, KubernetesResource.Nodes, () => { }, new Narrator(Say), new SetTime());
        Task running = watch.RunAsync(end.Token);
        while (Asked() < asked)
        {
            running.IsCompleted.ShouldBeFalse();
            await Task.Delay(20, _stop.Token);
        }

        await end.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return watch;
    }

    private int Asked()
    {
        lock (_gate)
        {
            return _asked.Count;
        }
    }

    private void Say(string line)
    {
        lock (_gate)
        {
            _said.Add(line);
        }
    }

    private static IEnumerable<string> Names(ResourceWatch watch) => watch.Objects!.Select(item => item.Name);

    private static Func<HttpListenerContext, Task> Page(string version, string next, params string[] names) => context => FakeObjectApi.AnswerAsync(
        context, 200, $$"""{"metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', names.Select(name => Object(name, 1)))}}]}""");

    /// <summary>Lines, the last one without its end where it says so.</summary>
    private static Func<HttpListenerContext, Task> Watch(params string[] lines) => async context =>
    {
        const string Cut = "no newline: ";
        context.Response.SendChunked = true;
        await SendAsync(context, string.Concat(lines.Select(line => line.StartsWith(Cut, StringComparison.Ordinal) ? line[Cut.Length..^10] : line + "\n")));
        context.Response.Close();
    };

    private static async Task SendAsync(HttpListenerContext context, string text)
    {
        await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await context.Response.OutputStream.FlushAsync();
    }

    private static string Event(string type, string name, int version) => $$"""{"type":"{{type}}","object":{{Object(name, version)}}}""";

    private static string Object(string name, int version) => $$$"""{"metadata":{"name":"{{{name}}}","resourceVersion":"{{{version}}}"}}""";
}
