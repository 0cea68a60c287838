using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Boot;
using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Reporting;

public sealed class ReportingTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_line_goes_to_every_console_with_its_prefix_and_without_control_characters()
    {
        _machine.Put("/sys/class/tty/console/active", "tty0 ttyS0 ttyS9\n");
        _machine.Put("/dev/tty0", "");
        _machine.Put("/dev/ttyS0", "");
        _machine.Console.WriteLine("peer \u001b[31mred\n says");
        _machine.Get("/dev/tty0").ShouldBe("bootstrapper: peer  [31mred  says\r\n");
        _machine.Get("/dev/ttyS0").ShouldBe("bootstrapper: peer  [31mred  says\r\n");
    }

    [Fact]
    public void A_wait_is_said_at_once_when_it_changes_and_else_every_thirty_seconds()
    {
        using (WaitReport report = new("etcd.service", _machine.Console, _machine.Root, _machine.Time))
        {
            report.Waiting("etcd.demo.k8s.", "no such name");
            _machine.Time.Advance(TimeSpan.FromSeconds(29));
            report.Waiting("etcd.demo.k8s.", "no such name");
            _machine.Time.Advance(TimeSpan.FromSeconds(1));
            report.Waiting("etcd.demo.k8s.", "1 of 3");
            report.Waiting("votes", "none");
            _machine.Get(NodePaths.Waits + "/etcd.service.json").ShouldContain("\"votes\"");
        }

        _machine.Has(NodePaths.Waits + "/etcd.service.json").ShouldBeFalse();
        _machine.ConsoleLines.ShouldBe([
            "etcd.service: waiting for etcd.demo.k8s. since 0 s: no such name",
            "etcd.service: waiting for etcd.demo.k8s. since 30 s: 1 of 3",
            "etcd.service: waiting for votes since 0 s: none",
        ]);
    }

    [Fact]
    public void A_service_is_said_to_be_ready_once_and_missed_only_after_three_looks()
    {
        ServiceWatch watch = new("etcd.service", _machine.Root, _machine.Console);
        HealthReport ready = new() { IsReady = true, Detail = "ok" };
        HealthReport silent = new() { IsReady = false, Detail = "refused" };
        watch.See(silent, 1);
        watch.See(ready, 41);
        watch.See(silent, 43);
        watch.See(ready, 45);
        watch.See(silent, 47);
        watch.See(silent, 49);
        watch.See(silent, 51);
        watch.See(ready, 53);
        _machine.ConsoleLines.ShouldBe(["ready: etcd.service after 41 s", "not ready any more: etcd.service: refused", "ready again: etcd.service"]);
        watch.Status.ReadyAfterSeconds.ShouldBe(41);
    }

    [Fact]
    public void An_agent_that_was_restarted_says_nothing_twice()
    {
        ServiceWatch watch = new("etcd.service", _machine.Root, _machine.Console);
        watch.Resume(new ServiceStatus { Unit = "etcd.service", State = ServiceStatus.Ready, ReadyAfterSeconds = 41 });
        watch.See(new HealthReport { IsReady = true, Detail = "ok" }, 100);
        _machine.ConsoleText.ShouldBeEmpty();
    }

    [Fact]
    public void A_service_whose_program_ended_is_said_at_once_with_the_cause_and_how_often()
    {
        ServiceWatch watch = new("kubelet.service", _machine.Root, _machine.Console);
        UnitState running = new() { Unit = "kubelet.service", Active = "active", Sub = "running" };
        UnitState killed = running with { Active = "activating", Sub = "auto-restart", Result = "signal", ExitCode = 2, ExitStatus = 9 };
        HealthReport ready = new() { IsReady = true, Detail = "ok", State = running };
        watch.See(ready, 41);
        for (int times = 1; times <= 6; times++)
        {
            watch.See(new HealthReport { IsReady = false, Detail = "unit activating", State = killed with { ExitedAt = times } }, 60);
            watch.Status.State.ShouldBe(ServiceStatus.Starting);
            watch.See(ready, 70);
        }

        _machine.ConsoleLines.Where(line => !line.StartsWith("ready again", StringComparison.Ordinal)).ShouldBe([
            "ready: kubelet.service after 41 s",
            "kubelet.service ended: signal 9",
            "kubelet.service ended 2 times in 10 min: signal 9",
            "kubelet.service ended 3 times in 10 min: signal 9",
            "kubelet.service ended 4 times in 10 min: signal 9",
        ]);
        watch.Status.Ends.Count.ShouldBe(6);
    }

    [Fact]
    public void What_stops_is_called_so_and_said_at_once()
    {
        ServiceWatch watch = new("kube-apiserver.service", _machine.Root, _machine.Console);
        UnitState running = new() { Unit = "kube-apiserver.service", Active = "active" };
        watch.See(new HealthReport { IsReady = false, Detail = "unit inactive", State = running with { Active = "inactive" } }, 1);
        watch.Status.State.ShouldBe(ServiceStatus.Starting, "it has not run yet");
        watch.See(new HealthReport { IsReady = true, Detail = "ok", State = running }, 41);
        watch.See(new HealthReport { IsReady = false, Detail = "unit deactivating", State = running with { Active = "deactivating" } }, 60);
        watch.Status.State.ShouldBe(ServiceStatus.Stopping);
        watch.See(new HealthReport { IsReady = false, Detail = "unit inactive", State = running with { Active = "inactive", ExitedAt = 3 } }, 61);
        watch.Status.State.ShouldBe(ServiceStatus.Stopped);
        _machine.ConsoleLines.ShouldBe(["ready: kube-apiserver.service after 41 s", "not ready any more: kube-apiserver.service: unit deactivating"]);
    }

    [Fact]
    public void Status_of_who_may_not_ask_says_how_old_it_is()
    {
        _machine.Put("/proc/uptime", "143.20 100.00\n");
        StatusFile.Write(_machine.Root, new StatusDocument
        {
            Phase = StatusDocument.RolesStarted,
            BootStarted = 0,
            LookedAt = 100,
            AgentFault = "unit failed",
            Services = [new ServiceStatus { Unit = "kubelet.service", State = ServiceStatus.Ready, Detail = "ok", Ends = [new ServiceEnd(90, "signal 9"), new ServiceEnd(95, "exit code 1")] }],
            Surroundings = [new Surrounding("master 10.0.0.21", true, "answers"), new Surrounding("master 10.0.0.22", false, "Connection refused")],
            Etcd = new EtcdHealth { Alarms = [new EtcdAlarmLine("NOSPACE", "m-1 (1f) at 10.0.0.11")], FsyncMilliseconds = 23, IsDiskSlow = true },
        });
        Status().ShouldContain("seen      43 s ago by the agent; root may ask anew\n");
        Status().ShouldContain("agent     does not run (unit failed): ");
        Status().ShouldContain("""
            service   kubelet.service: ready; ok
            ended     kubelet.service ended 2 times in 10 min: exit code 1
            needs     master 10.0.0.21: answers
            lacks     master 10.0.0.22: Connection refused
            etcd      alarm NOSPACE of m-1 (1f) at 10.0.0.11
            etcd      slow disk: 99 of 100 fsyncs take at most 23 ms, and 10 ms are the most that they should

            """);
        using JsonDocument json = JsonDocument.Parse(Status(json: true));
        JsonElement etcd = json.RootElement.GetProperty("etcd");
        etcd.GetProperty("alarms")[0].GetProperty("kind").GetString().ShouldBe("NOSPACE");
        etcd.GetProperty("fsyncMilliseconds").GetDouble().ShouldBe(23);
        etcd.GetProperty("isDiskSlow").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Why_keeps_who_the_machine_is_whatever_is_said_later()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        using StringWriter first = new();
        WhyCommand.Run(_machine.Root, first, json: false);
        for (int line = 0; line < 300; line++)
        {
            WhyTrace.Append(_machine.Root, $"peers of etcd.demo.k8s.: {line}");
        }

        using StringWriter later = new();
        WhyCommand.Run(_machine.Root, later, json: false);
        later.ToString().ShouldStartWith(first.ToString());
        later.ToString().ShouldContain("peers of etcd.demo.k8s.: 299\n");
        later.ToString().ShouldNotContain("peers of etcd.demo.k8s.: 99\n");
    }

    [Theory]
    [InlineData("running", "", "system: running, 0 failed units")]
    [InlineData("degraded", "a.service loaded failed failed A\nb.mount loaded failed failed B\n", "system: degraded, 2 failed units: a.service, b.mount")]
    public void The_state_of_the_system_is_one_line(string state, string failed, string line) => SystemState.Describe(state, failed).ShouldBe(line);

    [Theory]
    [InlineData("starting", false)]
    [InlineData("", false)]
    [InlineData("running", true)]
    [InlineData("degraded", true)]
    public void Only_a_finished_boot_counts(string state, bool final) => SystemState.IsFinal(state).ShouldBe(final);

    [Fact]
    public void Systemd_hears_that_the_program_is_ready()
    {
        using TemporaryFolder folder = new();
        using Socket systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(folder["notify"]));
        new SystemdNotifier(folder["notify"]).Ready("looking");
        byte[] message = new byte[100];
        Encoding.UTF8.GetString(message, 0, systemd.Receive(message)).ShouldBe("READY=1\nSTATUS=looking");
    }

    [Fact]
    public async Task Status_lists_the_peers_that_the_machine_sees()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        PeerStatusLine own = new() { Address = "10.0.0.11", State = PeerStatusLine.Healthy, IsThisMachine = true, InDns = true, IsLeader = true, Member = "m-1", MemberId = "a1" };
        StatusFile.Write(_machine.Root, StatusFile.Read(_machine.Root)! with
        {
            Peers =
            [
                new PeerNameStatus
                {
                    Name = "etcd.demo.k8s.",
                    Failure = "the DNS server gave no answer",
                    Peers =
                    [
                        own,
                        new PeerStatusLine { Address = "10.0.0.12", State = PeerStatusLine.Healthy, InDns = true, IsLearner = true, Member = "m-2", MemberId = "b2" },
                        new PeerStatusLine
                        {
                            Address = "10.0.0.13",
                            State = PeerStatusLine.Unhealthy,
                            Since = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                            MemberId = "c3",
                            Detail = "added to the cluster, etcd has not started there yet",
                        },
                        new PeerStatusLine { Address = "10.0.0.14", State = PeerStatusLine.NoMember, InDns = true, Member = "m-4", Detail = "blank" },
                    ],
                },
            ],
        });
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json: false);
        output.ToString().ShouldEndWith("""
            peers     etcd.demo.k8s. names 10.0.0.11, 10.0.0.12, 10.0.0.14; the last look-up gave nothing (the DNS server gave no answer)
            peer      10.0.0.11: healthy, this machine, leader, member m-1 (a1)
            peer      10.0.0.12: healthy, learner m-2 (b2)
            peer      10.0.0.13: unhealthy since 03:04:05, member (c3), not in DNS; added to the cluster, etcd has not started there yet
            peer      10.0.0.14: no member; blank

            """);
        using StringWriter json = new();
        StatusCommand.Run(_machine.Root, json, json: true);
        using JsonDocument document = JsonDocument.Parse(json.ToString());
        document.RootElement.GetProperty("peers")[0].GetProperty("peers")[1].GetProperty("isLearner").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Status_says_with_its_code_what_is_wrong_until_it_is_mended()
    {
        _machine.InsertSeed("#cloud-config\nnode: [\n");
        string failed = "";
        _machine.OnVolumeRead = read =>
        {
            if (read == 2)
            {
                failed = Status();
                _machine.InsertSeed(FakeMachine.EtcdUserData());
            }
        };
        await _machine.BootAsync();
        failed.ShouldContain("failure   metadata refused: NODE0001  NoCloud (/dev/sr0, cidata) user-data:");
        Status().ShouldNotContain("failure");

        _machine.Reboot();
        _machine.Put("/etc/machine-id", "");
        BootSequence sequence = _machine.Sequence();
        sequence.Fail(await Should.ThrowAsync<BootFailure>(() => sequence.DecideAsync(CancellationToken.None)));
        Status().ShouldContain("failure   NODE0105  /etc/machine-id: this is no machine-id; ");
    }

    [Fact]
    public async Task Status_and_why_tell_the_story_and_reset_ends_it()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Put("/var/lib/etcd/member/0", "data");
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json: false);
        WhyCommand.Run(_machine.Root, output, json: false);
        output.ToString().ShouldContain("cluster   demo.k8s\n");
        output.ToString().ShouldContain("found    NoCloud: NoCloud (/dev/sr0, cidata) (");
        (await ResetCommand.RunAsync(_machine.Root, output, confirmed: false)).ShouldBe(2);
        _machine.Has("/var/lib/etcd/member/0").ShouldBeTrue();
        (await ResetCommand.RunAsync(_machine.Root, output, confirmed: true)).ShouldBe(0);
        Directory.GetFileSystemEntries(_machine.Root["/var/lib/etcd"]).ShouldBeEmpty();
        Directory.GetFileSystemEntries(_machine.Root["/var/lib/bootstrapper"]).ShouldBeEmpty();
        Directory.Exists(_machine.Root[NodePaths.Gates]).ShouldBeFalse();
    }

    private string Status(bool json = false)
    {
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json);
        return output.ToString();
    }
}
