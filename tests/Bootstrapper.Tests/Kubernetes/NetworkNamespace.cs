using System.Diagnostics;
using System.Globalization;
using Images.Bootstrapper.Systemd;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>A network namespace inside a user namespace, held by a process: needs no root. Its programs run by nsenter.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private readonly Process _holder;

    private NetworkNamespace(Process holder) => _holder = holder;

    public int Id => _holder.Id;

    public static NetworkNamespace Create()
    {
        NetworkNamespace made = new(Start(Judge.Find("unshare"), "--user", "--map-root-user", "--net", "--mount", "sleep", "infinity"));
        made.Await();
        return made;
    }

    /// <summary>Another network in the same user namespace, so that links can be moved there.</summary>
    public NetworkNamespace CreateBeside()
    {
        NetworkNamespace made = new(Start(Judge.Find("nsenter"), [.. Enter(), "unshare", "--net", "sleep", "infinity"]));
        made.Await();
        return made;
    }

    public void Ip(string arguments) => Judge.Run("nsenter", [.. Enter(), "ip", .. arguments.Split(' ')]);

    public string Run(string program, params string[] arguments) => Judge.Run("nsenter", [.. Enter(), program, .. arguments]);

    public JudgeResult Try(string program, params string[] arguments) => Judge.Try("nsenter", [.. Enter(), program, .. arguments]);

    /// <summary>Starts what runs until it is killed; the process is the program itself.</summary>
    public Process StartInside(string program, params string[] arguments) => Start(Judge.Find("nsenter"), [.. Enter(), Judge.Find(program), .. arguments]);

    /// <summary>For what runs programs itself.</summary>
    public Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken) =>
        CommandRunner.RunAsync("nsenter", [.. Enter(), program, .. arguments], input, cancellationToken);

    public void Dispose()
    {
        _holder.Kill();
        _holder.WaitForExit();
        _holder.Dispose();
    }

    private string[] Enter() => ["--target", Id.ToString(CultureInfo.InvariantCulture), "--user", "--net", "--mount", "--preserve-credentials"];

    private static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;

    /// <summary>Until the program has become sleep, the namespaces are not there.</summary>
    private void Await()
    {
        for (int attempt = 0; File.ReadAllText($"/proc/{Id}/comm").Trim() != "sleep"; attempt++)
        {
            (attempt < 500 && !_holder.HasExited).ShouldBeTrue("the namespace was not made");
            Thread.Sleep(20);
        }
    }
}
