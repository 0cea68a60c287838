using System.Globalization;
using Images.Launcher.Programs;

namespace Images.Baker.Clusters;

/// <summary>Starts a cluster's supervisor and watches until all is ready.</summary>
internal sealed class ClusterStart(ClusterPlace place, TextWriter output, TimeProvider clock)
{
    private const int LinesOfLog = 12;

    /// <summary>How a line begins that says why a program ended.</summary>
    private static readonly string[] _reasons = ["baker:", "Unhandled exception"];

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _patienceForSupervisor = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(20);

    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private readonly long _began = clock.GetTimestamp();
    private int _notices;

    /// <summary>Returns when everything is ready.</summary>
    /// <exception cref="BakeException">The supervisor ended, or it took too long.</exception>
    public async Task RunAsync(ClusterPlan plan, bool foreground, CancellationToken cancellationToken)
    {
        if (place.FindSupervisor() is null)
        {
            File.Delete(place.SupervisorLog);
            IReadOnlyList<string> command = SupervisorCommand.For(place, foreground);
            if (foreground)
            {
                _ = DetachedProgram.StartTethered(command, place.SupervisorLog);
            }
            else
            {
                DetachedProgram.Start(command, place.SupervisorLog);
            }
        }
        else
        {
            ControlRequest resume = new() { Command = ControlCommands.Resume };
            await ControlClient.TryAskAsync(place, resume, cancellationToken).ConfigureAwait(false);
        }

        ClusterView view = await WaitUntilAsync(view => view.IsReady, cancellationToken).ConfigureAwait(false);
        if (ClusterKubeconfig.CanBeWritten(plan, view))
        {
            ClusterKubeconfig.Write(plan, view, place.Kubeconfig, clock);
        }

        ClusterTable.Write(output, view, clock.GetElapsedTime(_began));
        ShowHowToTry();
    }

    /// <summary>Returns when one node is ready, whatever the others are.</summary>
    /// <exception cref="BakeException">The supervisor ended, or it took too long.</exception>
    public async Task WaitForNodeAsync(string name, CancellationToken cancellationToken)
    {
        ClusterView view = await WaitUntilAsync(IsThere, cancellationToken).ConfigureAwait(false);
        ClusterTable.WriteNodes(output, view);

        bool IsThere(ClusterView view)
        {
            NodeView[] ready = [.. view.Nodes.Where(node => node.IsReady)];
            NodeView[] workers = [.. ready.Where(node => node.Roles.Contains(NodeCounts.Worker))];
            NodeView node = view.Nodes.Single(node => node.Name == name);
            return node.IsReady
                && (!node.Roles.Contains(NodeCounts.Worker) || view.ApiPort == 0 || view.ReadyNodes >= workers.Length);
        }
    }

    /// <summary>Holds this terminal until the supervisor has ended.</summary>
    public async Task StayAsync(CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("The cluster ends with this terminal: stop it with Ctrl+C.").ConfigureAwait(false);
        try
        {
            while (place.FindSupervisor() is not null)
            {
                await Task.Delay(_look, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await output.WriteLineAsync("stopping; its data stays").ConfigureAwait(false);
            await ControlClient.TryAskAsync(
                place, new ControlRequest { Command = ControlCommands.Down }, CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    private async Task<ClusterView> WaitUntilAsync(Func<ClusterView, bool> isReady, CancellationToken cancellationToken)
    {
        bool seen = false;
        while (true)
        {
            long asked = clock.GetTimestamp();
            ControlAnswer? answer = await ControlClient.TryAskAsync(
                place, new ControlRequest { Command = ControlCommands.Status }, cancellationToken)
                .ConfigureAwait(false);
            TimeSpan elapsed = clock.GetElapsedTime(_began);
            if (answer?.Cluster is { } view)
            {
                seen = true;
                Show(view);
                if (isReady(view))
                {
                    return view;
                }

                RefuseFailed(view);
            }
            else if ((seen && place.FindSupervisor() is null) || (!seen && HasFailed(elapsed)))
            {
                throw new BakeException(
                    "BAKE0951",
                    place.Name,
                    $"its supervisor has ended: {LogTail()}",
                    $"The whole log is {place.SupervisorLog}.");
            }

            if (elapsed > _patience)
            {
                throw new BakeException(
                    "BAKE0952",
                    place.Name,
                    $"is not ready after {_patience.TotalMinutes:0} minutes; it goes on.",
                    $"See what it waits for with 'baker cluster status --name {place.Name}'.");
            }

            TimeSpan pause = PauseOfLooks.After(_look, clock.GetElapsedTime(asked));
            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Before its first answer: it is not there and has said why, or does not come at all.</summary>
    private bool HasFailed(TimeSpan elapsed) =>
        place.FindSupervisor() is null
            && (
                elapsed > _patienceForSupervisor
                    || (File.Exists(place.SupervisorLog) && File.ReadLines(place.SupervisorLog).Any(IsReason)));

    private static bool IsReason(string line) =>
        _reasons.Any(word => line.StartsWith(word, StringComparison.Ordinal));

    private static void RefuseFailed(ClusterView view)
    {
        if (view.Nodes.FirstOrDefault(node => node.State == ClusterSupervisor.Failed) is { } node)
        {
            throw new BakeException(
                "BAKE0954",
                node.Name,
                $"could not start: {node.Detail}.",
                "The others go on; stop them with 'baker cluster down'.");
        }
    }

    private void Show(ClusterView view)
    {
        foreach (string notice in view.Notices.Skip(_notices))
        {
            Say(place.Name, notice);
        }

        _notices = view.Notices.Count;
        foreach (NodeView node in view.Nodes)
        {
            string text = node.IsReady ? "ready"
                : node.State == "running" ? ShortDetail(node.Detail)
                : $"{node.State} {node.Detail}".Trim();
            if (text.Length > 0 && _said.GetValueOrDefault(node.Name) != Stem(text))
            {
                _said[node.Name] = Stem(text);
                Say(node.Name, text);
            }
        }
    }

    private void ShowHowToTry()
    {
        if (!File.Exists(place.Kubeconfig))
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"export KUBECONFIG={place.Kubeconfig}");
        output.WriteLine("kubectl get nodes");
        if (ClusterArchives.Of(place).Any(ClusterArchives.IsHello))
        {
            output.WriteLine("kubectl apply -f hello/hello.yaml    # the page is then at http://127.0.0.1:30080/");
        }
    }

    private void Say(string who, string what) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{clock.GetElapsedTime(_began).TotalSeconds,6:0.0} s  {who,-10} {what}"));

    /// <summary>The first thing that it waits for; the others wait for that.</summary>
    private static string ShortDetail(string detail)
    {
        string first = detail.Split("; ")[0];
        return first.Length <= 140 ? first : first[..140] + "…";
    }

    /// <summary>Without numbers: the same wait, a second older, is not news.</summary>
    private static string Stem(string text) => new([.. text.Where(letter => !char.IsAsciiDigit(letter))]);

    /// <summary>
    /// Its last words: from the line on that says why it ended, for the end of an unhandled exception is
    /// where it was thrown.
    /// </summary>
    private string LogTail()
    {
        if (!File.Exists(place.SupervisorLog))
        {
            return "it left no log";
        }

        string[] lines = File.ReadAllLines(place.SupervisorLog);
        int why = Array.FindLastIndex(lines, IsReason);
        return string.Join('\n', why < 0 ? lines.TakeLast(LinesOfLog) : lines.Skip(why).Take(LinesOfLog));
    }
}
