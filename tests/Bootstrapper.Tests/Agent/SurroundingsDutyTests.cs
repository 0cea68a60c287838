using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Agent;

/// <summary>What a machine needs and misses is said once, and not because of one missed answer.</summary>
public sealed class SurroundingsDutyTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly List<string> _said = [];
    private readonly StatusBoard _status;
    private readonly SurroundingsDuty _duty;
    private IReadOnlyList<Surrounding> _seen = [];

    public SurroundingsDutyTests()
    {
        _status = new StatusBoard(_machine.Root, new StatusDocument { Phase = StatusDocument.RolesStarted, BootStarted = 0 });
        _duty = new SurroundingsDuty(_ => Task.FromResult(_seen), _status, new Narrator(_said.Add), _machine.Time);
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_server_that_goes_is_said_after_a_second_miss_and_once_and_so_is_its_return()
    {
        await SeeAsync(new Surrounding("master 10.0.0.21", true, "answers"), new Surrounding("master 10.0.0.22", true, "answers"));
        (await SeeAsync(new Surrounding("master 10.0.0.21", false, "refused"), new Surrounding("master 10.0.0.22", true, "answers"))).ShouldBeTrue("it is looked at again soon");
        _said.ShouldBeEmpty();
        await SeeAsync(new Surrounding("master 10.0.0.21", false, "refused"), new Surrounding("master 10.0.0.22", true, "answers"));
        (await SeeAsync(new Surrounding("master 10.0.0.21", false, "not reachable"), new Surrounding("master 10.0.0.22", true, "answers"))).ShouldBeFalse();
        _status.Document.Surroundings[0].Detail.ShouldBe("not reachable");
        await SeeAsync(new Surrounding("master 10.0.0.21", true, "answers"), new Surrounding("master 10.0.0.22", true, "answers"));
        _said.ShouldBe(["lacks: master 10.0.0.21: refused", "well again: master 10.0.0.21: answers"]);
    }

    [Fact]
    public async Task What_has_never_been_there_is_said_once_it_has_been_waited_for()
    {
        await SeeAsync(new Surrounding("leader kube-scheduler", false, "nobody leads"));
        await SeeAsync(new Surrounding("leader kube-scheduler", false, "nobody leads"));
        _said.ShouldBeEmpty();
        _machine.Time.Advance(TimeSpan.FromMinutes(3));
        await SeeAsync(new Surrounding("leader kube-scheduler", false, "nobody leads"));
        _said.ShouldBe(["lacks: leader kube-scheduler: nobody leads"]);
    }

    [Fact]
    public async Task Each_name_in_DNS_is_told_apart()
    {
        Surrounding etcd = new("DNS", true, "etcd.demo.k8s. names 10.0.0.11"), masters = new("DNS", true, "masters.demo.k8s. names 10.0.0.21");
        await SeeAsync(etcd, masters);
        Surrounding silent = masters with { IsWell = false, Detail = "masters.demo.k8s. gives no address since 03:04:05 (no answer; DNS server 10.0.0.1)" };
        await SeeAsync(etcd, silent);
        await SeeAsync(etcd, silent);
        await SeeAsync(etcd, masters);
        _said.ShouldBe([$"lacks: DNS: {silent.Detail}", "well again: DNS: masters.demo.k8s. names 10.0.0.21"]);
    }

    [Fact]
    public async Task A_server_that_DNS_no_longer_names_is_no_longer_missed()
    {
        await SeeAsync(new Surrounding("etcd 10.0.0.11", true, "answers"));
        for (int look = 0; look < 2; look++)
        {
            await SeeAsync(new Surrounding("etcd 10.0.0.11", false, "refused"));
        }

        await SeeAsync();
        await SeeAsync(new Surrounding("etcd 10.0.0.11", true, "answers"));
        _said.ShouldBe(["lacks: etcd 10.0.0.11: refused"]);
    }

    private async Task<bool> SeeAsync(params Surrounding[] seen)
    {
        _seen = seen;
        return await _duty.LookAsync(CancellationToken.None);
    }
}
