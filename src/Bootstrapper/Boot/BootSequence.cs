using System.Globalization;
using System.Net;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Boot;

/// <summary>From a machine without a role to one whose role units start.</summary>
internal sealed class BootSequence(
    NodeRoot root,
    CompiledRoles roles,
    IdentityStore store,
    MetadataSearch search,
    NodeAddress address,
    MachineSettings settings,
    NodeConsole console,
    WhyTrace trace,
    SystemdNotifier systemd,
    TimeProvider time)
{
    /// <summary>
    /// How long a machine that already has an identity looks for its medium before it takes the copy.
    /// </summary>
    private static readonly TimeSpan _patienceWithCopy = TimeSpan.FromSeconds(10);

    private const int MostIgnoredKeys = 40;

    private readonly Acceptance _acceptance = new(root);

    private readonly double _started = MachineClock.UptimeSeconds(root);

    public async Task<NodeIdentity> DecideAsync(CancellationToken cancellationToken)
    {
        Report(StatusDocument.LookingForMetadata, source: null, identity: null);
        SayWhereThisRuns();
        string machineId = MachineId.Read(root);
        NodeIdentity? known = store.LoadIdentity();
        MachineMemory memory = known is null ? MachineMemory.None : store.LoadMemory();
        MachineFingerprint machine = MachineFingerprint.Read(root);
        AcceptedMetadata? copy = known is null ? null : LoadCopy();
        RefuseClone(memory, machine, copy);
        AcceptedMetadata found = await search.FindAsync(
            Sources(memory), copy is null ? null : _patienceWithCopy, cancellationToken) ?? Take(copy!);
        AcceptedMetadata metadata = Settle(ref known, found, copy);
        SayWhatIsIgnored(metadata.Metadata);
        Warn(metadata);

        string hostname = IdentityRule.Hostname(metadata.Metadata, metadata.Instance, known, machineId);
        await settings.ApplyAsync(metadata.Metadata, hostname, cancellationToken);

        Report(StatusDocument.WaitingForAddress, metadata.Source, identity: null);
        IPAddress nodeAddress = await address.WaitAsync(metadata.Metadata.Node.Address, cancellationToken);

        RefuseOverlap(metadata.Metadata.Node, nodeAddress);

        AnswerNames(metadata.Metadata.Node, nodeAddress);
        NodeIdentity identity = Identify(known, metadata, hostname, nodeAddress);
        store.Remember(Remembered(known, memory, metadata.Origin, machine));
        store.Save(identity, metadata.Stored);
        _acceptance.Clear();
        NodeEnvironment.Write(root, identity);
        ServiceGates.Open(root, Units(metadata.Metadata.Node));
        Say(identity);
        Report(StatusDocument.StartingRoles, metadata.Source, identity);
        return identity;
    }

    /// <summary>
    /// To be called once the boot has finished: units that wait are pending jobs, which would keep the
    /// system "starting".
    /// </summary>
    public async Task StartRolesAsync(CancellationToken cancellationToken)
    {
        CommandResult started = await CommandRunner.RunAsync(
            "systemctl", ["start", "--no-block", "roles.target"], cancellationToken);
        if (!started.Succeeded)
        {
            throw new BootFailure(
                "NODE0107", "roles.target", $"systemd does not start it ({started.Reason})",
                "see 'systemctl status roles.target'");
        }

        Report(StatusDocument.RolesStarted, source: null, identity: null);
        systemd.Status("roles started");
    }

    /// <summary>To be called with what ended one of the steps above: <c>bootstrapper status</c> shows it.</summary>
    public void Fail(BootFailure failure) => StatusFile.Fail(root, failure.Message);

    private void SayWhereThisRuns()
    {
        trace.Decided(root.IsContainer
            ? "this node is a container: only the seed folder is asked for metadata; "
                + "command line, firmware and disks are its host's"
            : Platform.Describe(root));
        if (ImageLook.Read(root).Describe() is { Length: > 0 } image)
        {
            trace.Decided($"image {image}");
        }
    }

    private AcceptedMetadata? LoadCopy()
    {
        StoredMetadata? stored = store.LoadMetadata();
        try
        {
            return stored is null
                ? null
                : MetadataParser.Parse(
                    new FoundMetadata("copy of an earlier boot", stored.UserData, stored.MetaData, Origin: null),
                    roles);
        }
#pragma warning disable CA1031 // a machine whose copy nobody can read waits for its medium, whatever reading it threw
        catch (Exception e)
#pragma warning restore CA1031
        {
            string reason = e is ConfigurationException ? BootFailure.Describe(e) : FaultText.Of(e);
            console.WriteLine($"the copy of the metadata does not fit this image: {reason}");
            return null;
        }
    }

    /// <exception cref="BootFailure">
    /// The disk is that of another machine. Two machines with one identity would be two etcd members of one name: a
    /// copy starts nothing. Whoever could log in to the machine still can, to say what it is to be.
    /// </exception>
    private void RefuseClone(MachineMemory memory, MachineFingerprint machine, AcceptedMetadata? copy)
    {
        if (memory.Machine is not { } before || machine.DifferenceFrom(before) is not { } difference)
        {
            return;
        }

        if (_acceptance.Of(machine))
        {
            string line = $"another machine than before, and accepted: {difference}";
            console.WriteLine(line);
            trace.Decided(line);
            return;
        }

        if (copy is not null)
        {
            settings.AllowLogin(copy.Metadata);
        }

        throw new BootFailure(
            "NODE0007", "this disk", $"it belongs to another machine: {difference}",
            "if it is a copy, run 'bootstrapper reset --yes' and reboot; if it is the same machine in other hardware, "
                + Acceptance.Remedy(machine));
    }

    private SourceMemory Sources(MachineMemory memory) => new()
    {
        Origin = memory.Source,
        Copy = store.LoadMetadata(),
        Accepts = _acceptance.Of,
    };

    /// <summary>
    /// The source stays the first one, also where the same content was found elsewhere: whoever has that could put
    /// other content there later.
    /// </summary>
    private MachineMemory Remembered(
        NodeIdentity? known, MachineMemory memory, MetadataOrigin? origin, MachineFingerprint machine)
    {
        bool isFree = known is null || memory.Source is null || (origin is not null && _acceptance.Of(origin));
        return new MachineMemory
        {
            Source = isFree ? origin ?? memory.Source : memory.Source,
            Machine = memory.Machine is null || machine.DifferenceFrom(memory.Machine) is not null
                ? machine
                : machine.Over(memory.Machine),
        };
    }

    private AcceptedMetadata Take(AcceptedMetadata copy)
    {
        console.WriteLine($"datasource {copy.Source}: no usable metadata was found on this boot");
        return copy;
    }

    /// <summary>
    /// Which metadata counts, and whether the machine stays who it was; an identity that is given up becomes null.
    /// </summary>
    private AcceptedMetadata Settle(ref NodeIdentity? known, AcceptedMetadata found, AcceptedMetadata? copy)
    {
        IdentityDecision decision = IdentityRule.Decide(known, found.Metadata.Node, found.Instance.InstanceId);
        trace.Decided($"metadata from {found.Source}, instance-id {found.Instance.InstanceId}: identity {decision}");
        string differences = known is null
            ? ""
            : string.Join("; ", IdentityRule.Differences(known, found.Metadata.Node));
        switch (decision)
        {
            case IdentityDecision.Refused when copy is not null:
                console.WriteLine(
                    $"metadata refused: NODE0003  {differences}; the machine stays what it is. "
                    + "Run 'bootstrapper reset --yes' or give a new instance-id.");
                return copy;
            case IdentityDecision.Refused:
                throw new BootFailure(
                    "NODE0003", found.Source, differences,
                    "run 'bootstrapper reset --yes' or give a new instance-id");
            case IdentityDecision.Replaced:
                string folder = new RoleData(root, roles).SetAside(known!);
                console.WriteLine(
                    $"new instance-id {found.Instance.InstanceId}: {differences}; "
                        + $"what the old identity left is in {folder}");
                known = null;
                return found;
            default:
                return found;
        }
    }

    /// <exception cref="BootFailure">Pods or Services would have addresses of the machine's own network.</exception>
    private static void RefuseOverlap(NodeSettings node, IPAddress address)
    {
        IPNetwork? own = NodeNetwork.Of(address);
        string? network = !node.RunsKubernetes ? null
            : own is null ? node.Kubernetes.NetworkThatHolds(address) : node.Kubernetes.NetworkThatOverlaps(own.Value);
        if (network is not null)
        {
            throw new BootFailure(
                "NODE0004", "node.kubernetes",
                $"{network} overlaps with the machine's own network, {own?.ToString() ?? address.ToString()}",
                "choose other networks in the metadata of all masters and workers");
        }
    }

    /// <summary>Of the metadata, for this machine's programs; what cannot come about by them is said.</summary>
    private void AnswerNames(NodeSettings node, IPAddress address)
    {
        LocalNames names = LocalNames.Of(node, roles, address);
        LocalHosts.Write(root, names);
        if (names.Hosts.Count > 0)
        {
            string answers = string.Join(
                "; ", names.Hosts.Select(host => $"{host.Name} {string.Join(", ", host.Addresses)}"));
            trace.Decided($"answered by this machine itself, without DNS: {answers}");
        }

        RoleNames namesOfRoles = new(roles, node.Cluster, node.Domain);
        foreach (string name in node.Roles.Select(namesOfRoles.Of))
        {
            if (names.Find(name) is { } peers && !peers.Contains(address.ToString()))
            {
                Warn($"node.hosts gives {name.TrimEnd('.')} the addresses {peers}, "
                    + $"and this machine, which has the role, is {address}");
            }
        }
    }

    private NodeIdentity Identify(
        NodeIdentity? known, AcceptedMetadata metadata, string hostname, IPAddress nodeAddress)
    {
        NodeSettings node = metadata.Metadata.Node;
        if (known is not null && known.Address != nodeAddress.ToString())
        {
            console.WriteLine($"the address was {known.Address} and is now {nodeAddress}");
        }

        return new NodeIdentity
        {
            InstanceId = metadata.Instance.InstanceId,
            Roles = node.Roles,
            Cluster = node.Cluster,
            Domain = node.Domain,
            Hostname = hostname,
            Address = nodeAddress.ToString(),
            FirstBoot = known?.FirstBoot ?? time.GetUtcNow(),
        };
    }

    private IEnumerable<string> Units(NodeSettings node)
    {
        RoleConditions conditions = NodeState.Conditions(
            node, LauncherWords.Read(root), Platform.Of(root) is { IsEc2: true }, Processors.OfMachine.AreSlow);
        return roles.Roles
            .Where(role => node.Roles.Contains(role.Role, StringComparer.Ordinal))
            .SelectMany(role => role.For(conditions).Services)
            .Select(service => service.Unit)
            .Distinct(StringComparer.Ordinal);
    }

    private void Say(NodeIdentity identity)
    {
        string line = $"role {string.Join('+', identity.Roles)}, cluster {identity.Cluster}.{identity.Domain}, "
            + $"host {identity.Hostname}, address {identity.Address}";
        console.WriteLine(line);
        trace.Decided(line);
        systemd.Status(line);
    }

    private void SayWhatIsIgnored(NodeMetadata metadata)
    {
        if (metadata.Ignored.Count > 0)
        {
            // a serial line takes 90 s for 1 MiB
            int more = metadata.Ignored.Count - MostIgnoredKeys;
            string line = "keys of user-data that this image ignores: "
                + string.Join(
                    ", ", metadata.Ignored.Take(MostIgnoredKeys).Select(key => $"{key.Key} (line {key.Line})"))
                + (more > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {more} more") : "");
            console.WriteLine(line);
            trace.Decided(line);
        }
    }

    private void Warn(AcceptedMetadata found)
    {
        NodeMetadata metadata = found.Metadata;
        IEnumerable<string> warnings =
            [.. found.Instance.Warnings, .. metadata.Warnings, .. metadata.Node.Warnings];
        foreach (string warning in warnings)
        {
            Warn(warning);
        }
    }

    private void Warn(string warning)
    {
        console.WriteLine($"warning: {warning}");
        trace.Decided($"warning: {warning}");
    }

    private void Report(string phase, string? source, NodeIdentity? identity)
    {
        StatusDocument? before = StatusFile.Read(root);
        StatusFile.Write(root, new StatusDocument
        {
            Phase = phase,
            BootStarted = _started,
            MetadataSource = source ?? before?.MetadataSource,
            Identity = identity ?? before?.Identity,
        });
    }
}
