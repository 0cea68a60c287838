using System.Text.RegularExpressions;
using Images.Lab.Debian;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>
/// What README's first screen promises, on a machine that is not ours: a plain Debian with control groups of version 2, where an
/// ordinary user logs in by ssh. He has no sudo; what is missing the administrator mends, by the very commands that he is told.
/// </summary>
[Collection(AloneGroup.Name)]
public sealed class PlainDebianTests : IDisposable
{
    private const string Node = "node1";
    private const string Baker = $"{DebianMachine.Shared}/bin/baker";
    private const string Image = $"{DebianMachine.Shared}/node.raw";
    private const string Kubectl = "KUBECONFIG=~/.local/share/images/clusters/demo/kubeconfig kubectl --request-timeout=60s";

    /// <summary>Emulated, and a whole cluster in it.</summary>
    private const int ForACluster = 1500;

    private const int ForACommand = 180;

    private const string HandOn = "systemctl --user daemon-reexec";

    private readonly string _folder = BakedImage.RunFolder(nameof(PlainDebianTests));
    private readonly TemporaryFolder _shared = new();
    private readonly DebianMachine _debian;

    public PlainDebianTests()
    {
        Share();
        _debian = new DebianMachine(_folder, _shared.FullPath);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_newcomer_on_plain_Debian_is_told_what_is_missing_gets_a_cluster_that_outlives_his_session_and_removes_it()
    {
        _debian.Start(600);
        DelegateAsDebian11();
        TheMachineIsWhatItIsSaidToBe();
        Newcomer($"mkdir -p ~/.cache/images && cp -r {DebianMachine.Shared}/derived ~/.cache/images/");
        string before = Traces();
        WhatIsMissingIsMendedByTheCommandsThatAreNamed();
        AClusterEndsWithTheLastSession();
        WithLingeringItDoesNot();
        ThePageAnswers();
        EveryViewShowsIt();

        AsNewcomer("cluster down");
        AsNewcomer("cluster list").ShouldMatch("(?m)^demo +down +1 ");
        AsNewcomer("cluster delete");
        AsNewcomer("cluster list").ShouldNotContain("demo");
        TracesAre(before);
    }

    public void Dispose()
    {
        _debian.Dispose();
        _shared.Dispose();
    }

    private void TheMachineIsWhatItIsSaidToBe()
    {
        Newcomer("stat --file-system --format=%T /sys/fs/cgroup").ShouldBe("cgroup2fs\n");
        Newcomer("cat /proc/self/cgroup").ShouldMatch(@"^0::/user\.slice/user-1000\.slice/session-\d+\.scope\n$");
        Newcomer("systemctl --user --wait is-system-running").ShouldBe("running\n");
        Newcomer("id -un; command -v sudo || echo no sudo").ShouldBe("newcomer\nno sudo\n");
    }

    /// <summary>A user's systemd hands on cpu since Debian 12; this one is told to do as Debian 11's.</summary>
    private void DelegateAsDebian11() => _debian.Run(
        DebianMachine.Administrator,
        "mkdir -p /etc/systemd/system/user@.service.d && cd /etc/systemd/system/user@.service.d"
            + " && printf '[Service]\\nDelegate=no\\nDelegate=pids memory\\n' >as-debian-11.conf && systemctl daemon-reload",
        ForACommand);

    private void WhatIsMissingIsMendedByTheCommandsThatAreNamed()
    {
        using TetheredProcess session = _debian.LogIn(DebianMachine.Newcomer);
        string[] commands = CommandsOfARefusedUp();
        commands.Length.ShouldBe(3, string.Join('\n', commands));
        commands[0].ShouldStartWith("sudo mkdir -p /etc/systemd/system/user@.service.d && ");
        commands[0].ShouldEndWith($" && {HandOn}");
        commands[1..].ShouldBe(["sudo modprobe overlay", "sudo modprobe br_netfilter"]);
        foreach (string command in commands)
        {
            AsAdministrator(command.Replace($" && {HandOn}", "", StringComparison.Ordinal));
        }

        CommandsOfARefusedUp().ShouldBe([HandOn], "the newcomer's own part, for which he needs no administrator");
        Newcomer(HandOn);
        AsNewcomer("cluster list").ShouldNotContain("demo", Case.Sensitive, "a refused one leaves no cluster");
    }

    private string[] CommandsOfARefusedUp()
    {
        JudgeResult refused = _debian.Try(DebianMachine.Newcomer, $"{Baker} cluster up {Single}", ForACommand);
        refused.ExitCode.ShouldBe(2, refused.Output);
        refused.Error.ShouldContain("BAKE0911");
        return [.. Regex.Matches(refused.Error, @"(?m)^ {6}(\S.*)$").Select(match => match.Groups[1].Value)];
    }

    /// <summary>The root is unpacked for it, which the next cluster finds.</summary>
    private void AClusterEndsWithTheLastSession()
    {
        using (_debian.LogIn(DebianMachine.Newcomer))
        {
            Baked($"cluster up --name brief --nodes none=1 --image {Image}", ForACluster)
                .ShouldContain($"the cluster ends when you log out, unless you run: sudo loginctl enable-linger {DebianMachine.Newcomer}");
            AsNewcomer("cluster list").ShouldMatch("(?m)^brief +ready +1 ");
        }

        WaitFor(
            "the end of the cluster that nobody is logged in for", 120,
            () => _debian.Run(DebianMachine.Administrator, "pgrep --uid newcomer --list-full || echo nothing", ForACommand),
            processes => processes == "nothing\n");
        AsNewcomer("cluster list").ShouldMatch("(?m)^brief +down +1 ");
        AsNewcomer("cluster delete");
    }

    private void WithLingeringItDoesNot()
    {
        AsAdministrator($"sudo loginctl enable-linger {DebianMachine.Newcomer}");
        string said = Baked($"cluster up {Single}", ForACluster);
        said.ShouldMatch(@"cluster demo is ready after \d+\.\d s");
        said.ShouldNotContain("when you log out");
        WaitFor(
            "a cluster that is ready though its session has ended", 300, () => AsNewcomer("cluster list"),
            list => Regex.IsMatch(list, "(?m)^demo +ready +1 "));
    }

    private void ThePageAnswers()
    {
        WaitFor(
            "a Node that is Ready", 300, () => _debian.Try(DebianMachine.Newcomer, $"{Kubectl} get nodes --no-headers", ForACommand),
            nodes => Regex.IsMatch(nodes.Output, $"^{Node} +Ready +etcd,master,worker "));
        // a starved API server refuses now and then what it cannot judge in time
        WaitFor(
            "pods that are wanted", 300, () => _debian.Try(DebianMachine.Newcomer, $"{Kubectl} apply -f {DebianMachine.Shared}/hello/hello.yaml", ForACommand),
            applied => applied.ExitCode == 0);
        WaitFor(
            "pods that are Ready", 900, () => _debian.Try(DebianMachine.Newcomer, $"{Kubectl} get deployment hello -o jsonpath={{.status.readyReplicas}}", ForACommand),
            ready => ready.Output == "2");
        WaitFor(
            "the page at its NodePort", 300, () => _debian.Try(DebianMachine.Newcomer, "curl --silent --show-error --max-time 30 http://127.0.0.1:30080/", ForACommand),
            page => Regex.IsMatch(page.Output, $@"^Hello from the pod hello-\S+ on the node {Node}\.\n$"));
        WaitFor(
            "the Service's name in a pod", 300,
            () => _debian.Try(DebianMachine.Newcomer, $"{Kubectl} exec deployment/hello -- /usr/bin/busybox nslookup hello.default.svc.cluster.local", ForACommand),
            answer => Regex.IsMatch(answer.Output, @"(?m)^Address(?: 1)?: 10\.32\.0\.\d+"));
    }

    private void EveryViewShowsIt()
    {
        AsNewcomer("cluster status").ShouldMatch($@"(?m)^{Node} +etcd,master,worker +10\.240\.0\.11 +ready +\d+\.\d s +\d+(\.\d)? MiB");
        AsNewcomer($"cluster exec {Node} -- systemctl is-system-running").ShouldBe("running\n");
        AsNewcomer($"cluster ssh {Node} -- hostname").ShouldBe($"{Node}\n");
        AsNewcomer($"cluster exec {Node} -- cat /sys/fs/cgroup/cgroup.controllers").ShouldMatch(@"^cpuset cpu io memory pids\n$");
        _debian.Run(DebianMachine.Administrator, "systemctl --failed --no-legend", ForACommand).ShouldBeEmpty();
    }

    private static string Single => $"--single --image {Image} --load hello --plan {DebianMachine.Shared}/image.yaml";

    /// <summary>
    /// What a cluster is made of, as the machine sees it: processes, control groups, mounts and links, and the user's files but the
    /// cache and kubectl's own.
    /// </summary>
    private string Traces() => _debian.Run(
        DebianMachine.Administrator,
        """
        ps -eo uid=,args= | awk '$1 >= 1000 && $1 != 65534 { print }' | grep -v -e 'systemd --user' -e '(sd-pam)' -e dbus-daemon -e sshd
        find /sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service -type d -name 'images*'
        cut -d ' ' -f 5 /proc/self/mountinfo | grep images
        ip -oneline link | cut -d : -f 2
        find /home/newcomer \( -path /home/newcomer/.cache -o -path /home/newcomer/.kube \) -prune -o -type f -print
        ls /home/newcomer/.local/share/images/clusters 2>/dev/null || :
        """,
        ForACommand);

    /// <summary>A session of the test's own has ended a moment later than its command.</summary>
    private void TracesAre(string wanted) => WaitFor("the traces of before", 60, Traces, traces => traces == wanted);

    private void AsAdministrator(string command) => _debian.Run(
        DebianMachine.Administrator, command.Replace("sudo ", "", StringComparison.Ordinal), ForACommand);

    private string Newcomer(string command, int seconds = ForACommand) => _debian.Run(DebianMachine.Newcomer, command, seconds);

    private string AsNewcomer(string command) => Baked(command, ForACommand);

    private string Baked(string command, int seconds) => Newcomer($"{Baker} {command}", seconds);

    /// <summary>The published baker with a runtime of .NET, the image, and the page as the cache keeps it: nothing is downloaded.</summary>
    private void Share()
    {
        string dotnet = Path.GetDirectoryName(new FileInfo(Judge.Find("dotnet")).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Judge.Find("dotnet"))!;
        Judge.Run(
            "sh", "-euc",
            """
            cd "$1"
            mkdir -p bin dotnet/host dotnet/shared
            cp -r "$2" baker
            cp "$3/dotnet" dotnet/
            cp -r "$3/host/fxr" dotnet/host/
            cp -r "$3/shared/Microsoft.NETCore.App" dotnet/shared/
            cp --sparse=always "$4" node.raw
            cp -r "$5/hello" "$5/image.yaml" "$5/image.lock.json" .
            dotnet baker/baker.dll hello --plan image.yaml --out hello.tar
            mkdir derived
            cp "$7"/derived/hello-* derived/
            printf '#!/bin/sh\nexec %s/dotnet/dotnet %s/baker/baker.dll "$@"\n' "$6" "$6" >bin/baker
            chmod -R a+rX,u+w .
            chmod 755 . bin/baker
            """,
            "sh", _shared.FullPath, Path.GetDirectoryName(BakedImage.Baker)!, dotnet, BakedImage.RawDisk, Checkout.Folder, DebianMachine.Shared,
            LabRange.Cache);
    }

    private static T WaitFor<T>(string what, int seconds, Func<T> ask, Func<T, bool> isWanted)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (true)
        {
            T answer = ask();
            if (isWanted(answer))
            {
                return answer;
            }

            if (DateTime.UtcNow > end)
            {
                throw new TimeoutException($"{what} did not come about within {seconds} s: {answer}");
            }

            Thread.Sleep(2000);
        }
    }
}
