using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Inspection;

/// <summary>
/// Measures what <see cref="InspectionRule"/> judges, all at a time and for a few seconds. To be asked before any
/// service of a role starts.
/// </summary>
/// <param name="reverse">Asked for the machine's names, which <paramref name="resolver"/> is asked for in turn.</param>
/// <param name="patience">With all that is asked of others.</param>
internal sealed class NodeInspector(
    NodeRoot root, NodeState state, PeerDirectory directory, ReverseNames reverse, IPeerResolver resolver,
    TimeSpan patience, TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A machine of many peers has seen enough with these.</summary>
    private const int MostPeers = 16;

    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(500);

    public static NodeInspector For(NodeRoot root, NodeState state, TimeProvider time) => new(
        root, state, PeerDirectory.For(root, state, time), new ReverseNames(root[ResolvedResolver.DefaultSocket]),
        PeerResolver.For(state, root), Patience, time);

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellationToken)
    {
        RoleDefinition[] roles = [.. state.Roles];
        IPAddress own = IPAddress.Parse(state.Identity.Address);
        InspectionFacts ofMachine = new()
        {
            Processors = Processors.OfMachine.Count,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, // a container's limit, or the machine's
            DiskBytes = StateDisk.Bytes(root),
            TakenPorts = ListeningPorts.Taken(roles.SelectMany(role => role.Ports), own),
        };
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        Task<IReadOnlyList<TimeSpan>> syncs = roles.Any(NeedsFastDisk)
            ? Task.Run(() => SyncProbe.Run(root, time, limit.Token), CancellationToken.None)
            : Task.FromResult<IReadOnlyList<TimeSpan>>([]);
        Task<NameFact[]> names = Task.WhenAll(roles.Select(role => AskNameAsync(role.Role, limit.Token)));
        Task<ReverseFact?> back = AskReverseAsync(own, limit.Token);
        Task<PeerFact[]> peers = AskPeersAsync(roles, limit.Token);
        InspectionFacts facts = ofMachine with
        {
            Syncs = await syncs,
            Names = await names,
            Reverse = await back,
            Peers = await peers,
        };
        cancellationToken.ThrowIfCancellationRequested();
        return InspectionRule.Judge(roles, state.Identity.Address, facts);
    }

    private static bool NeedsFastDisk(RoleDefinition role) => role.Services.Any(service => service.StartsAsEtcd());

    /// <summary>One of a role's names that has this machine is enough.</summary>
    private async Task<NameFact> AskNameAsync(string role, CancellationToken cancellationToken)
    {
        PeerView[] views = await Task.WhenAll(
            directory.AllOf(role).Select(name => FirstAnswerAsync(name, cancellationToken)));
        PeerView best = views.MaxBy(
            view => view.Good.Contains(state.Identity.Address) ? 2 : view.Failure is null ? 1 : 0)!;
        return new NameFact(
            role, best.Name.TrimEnd('.'), best.Failure is null ? best.Good.Addresses : [], best.Failure);
    }

    /// <summary>Right after a boot resolved may not know its servers yet.</summary>
    private async Task<PeerView> FirstAnswerAsync(PeerWatch name, CancellationToken cancellationToken)
    {
        GrowingPause pause = new(_longestPause, time);
        try
        {
            while (true)
            {
                PeerView view = await name.AskAsync(cancellationToken);
                if (view.Failure is null)
                {
                    return view;
                }

                await pause.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            PeerView last = name.View;
            return last.LastSuccess is null ? last with { Failure = last.Failure ?? "no answer in time" } : last;
        }
    }

    private async Task<ReverseFact?> AskReverseAsync(IPAddress own, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<string> names = await reverse.OfAsync(own, cancellationToken);
            List<string> back = [];
            foreach (string name in names.Take(MostPeers))
            {
                ResolverAnswer answer = await resolver.ResolveAsync(name, cancellationToken);
                if (answer.Addresses.Contains(own.ToString()))
                {
                    back.Add(name.TrimEnd('.'));
                }
            }

            return new ReverseFact([.. names.Select(name => name.TrimEnd('.'))], back);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Of the roles whose machines the services of this one need.</summary>
    private async Task<PeerFact[]> AskPeersAsync(RoleDefinition[] roles, CancellationToken cancellationToken)
    {
        IEnumerable<string> needed = roles.SelectMany(role => role.Services)
            .SelectMany(service => service.RolesOfPeers()).Distinct(StringComparer.Ordinal);
        using PeerProbe probe = new(root, state, time);
        PeerFact[][] facts = await Task.WhenAll(
            needed.Select(role => AskPeersAsync(probe, role, cancellationToken)));
        return [.. facts.SelectMany(each => each)];
    }

    private async Task<PeerFact[]> AskPeersAsync(PeerProbe probe, string role, CancellationToken cancellationToken)
    {
        if (state.ImageRoles.Find(role)?.Ports.FirstOrDefault(port => port.Protocol == "tcp") is not { } port)
        {
            return [];
        }

        PeerView view = await FirstAnswerAsync(directory.Of(role), cancellationToken);
        return await Task.WhenAll(
            view.Good.Addresses.Where(address => address != state.Identity.Address).Take(MostPeers)
                .Select(address => probe.AskAsync(role, address, port.Number, cancellationToken)));
    }
}
