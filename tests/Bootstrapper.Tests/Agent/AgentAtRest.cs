using System.Globalization;
using Images.Bootstrapper.Tests.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Agent;

/// <summary>What the agent uses when nothing happens. Asserts nothing about it: the benchmark runs this and judges the number.</summary>
[Trait("Category", "Full")]
[Trait("Category", "Never")] // unless it is named
public sealed class AgentAtRest
{
    private static readonly TimeSpan _settling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _rest = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Measure()
    {
        string program = Given("IMAGES_AGENT"), result = Given("IMAGES_MEASURED");
        using NativeControlPlane plane = new();
        plane.StartEtcd();
        plane.StartProgram("kube-apiserver");
        plane.WaitFor("a ready API server", () => plane.Admin("get", "--raw", "/readyz").Output == "ok");
        plane.StartProgram("kube-controller-manager");
        plane.StartProgram("kube-scheduler");
        plane.StartKubeProxy();
        using NativeAgent agent = new(plane, program);
        plane.WaitFor("an agent that sees all services ready", () => new[] { "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy" }.All(unit => agent.Said.Contains($"ready: {unit}.service", StringComparison.Ordinal)));
        await Task.Delay(_settling);
        TimeSpan before = agent.Processor;
        await Task.Delay(_rest);
        double share = (agent.Processor - before) / _rest;

        // two minutes ago, five after its start, it gave back what starting needed
        double resident = agent.ResidentMebibytes;
        await File.WriteAllTextAsync(result, string.Create(CultureInfo.InvariantCulture, $"{share}\n{resident}\n"));
        await File.WriteAllTextAsync(result + ".log", agent.Said);
    }

    private static string Given(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : throw new JudgeException($"{variable} is not set: './build.sh --target Bench' runs this");
}
