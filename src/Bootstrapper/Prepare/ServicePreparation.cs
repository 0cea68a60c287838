using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// <c>bootstrapper prepare UNIT</c>: certificates, peers and files of a unit, before its program starts. Running it
/// again changes nothing.
/// </summary>
internal sealed class ServicePreparation(
    NodeRoot root, NodeConsole console, EtcdProgram etcd, CertificateLife life, TimeProvider time)
{
    private readonly Narrator _narrator = Narrator.For(root, console);

    /// <exception cref="BootFailure">The metadata or the image lacks something; nothing was started.</exception>
    /// <exception cref="ConfigurationException">A template of the image is wrong.</exception>
    public async Task RunAsync(string unit, CancellationToken cancellationToken)
    {
        NodeState state = NodeState.Load(root);
        (RoleDefinition role, RoleService service) = ServiceFiles.Find(state, unit);
        SteadyClock steady = new(time);
        using WaitReport report = new(unit, console, root, steady);
        using CancellationTokenSource prepared = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task readAhead = new ProgramReadAhead(root, steady).RunAsync(unit, prepared.Token);
        try
        {
            await PrepareAsync(state, role, service, report, steady, cancellationToken);
        }
        finally
        {
            await prepared.CancelAsync();
            await readAhead;
        }
    }

    private async Task PrepareAsync(
        NodeState state, RoleDefinition role, RoleService service, WaitReport report, SteadyClock steady,
        CancellationToken cancellationToken)
    {
        await new KernelNeeds(root, steady).WaitAsync(service.Kernel, report, cancellationToken);
        await EnsureCertificatesAsync(state, service, report, steady, cancellationToken);
        PeerDirectory directory = PeerDirectory.For(root, state, steady);
        PeerLists peers = new(state, root, directory, steady);
        TemplateValues values = service.StartsAsEtcd()
            ? NodeValues.ForEtcd(
                state, await DecideEtcdAsync(state, directory, report, cancellationToken), service, EtcdQuota.Of(root))
            : NodeValues.For(state, service, await peers.WaitAsync(service, report, cancellationToken));
        await new ServerAnswers(root, state, time, steady, AdvanceClockAsync)
            .WaitAsync(service, values, report, cancellationToken);
        await new LeaderRelease(new KubernetesNode(root, state, time), state.Identity.Hostname, _narrator, steady)
            .RunAsync(service, cancellationToken); // of a process that ended with the machine's power
        await new NeededFiles(root, steady).WaitAsync(service.Needs, report, cancellationToken);
        new ServiceFiles(root).Write(role, service, values);
    }

    private async Task EnsureCertificatesAsync(
        NodeState state, RoleService service, WaitReport report, TimeProvider steady,
        CancellationToken cancellationToken)
    {
        if (service.Certificates.Count + service.Answers.Count > 0)
        {
            await SettleClockAsync(state, service, report, steady, cancellationToken);
        }

        NodeCertificates certificates = NodeCertificates.Of(root, state, life.For(state.Metadata.Node), time);
        foreach (string name in service.Certificates)
        {
            certificates.Ensure(CertificateCatalogue.Find(name, state));
        }
    }

    /// <summary>
    /// Before the authorities of the metadata begin, no certificate is accepted: then that moment is nearer to the
    /// truth than the clock.
    /// </summary>
    private async Task SettleClockAsync(
        NodeState state, RoleService service, WaitReport report, TimeProvider steady,
        CancellationToken cancellationToken)
    {
        ClusterSecrets secrets = state.Metadata.Node.Secrets;
        if (await new ClockWait(root, time, steady)
            .RunAsync(secrets, report.Waiting, cancellationToken) is not string fault)
        {
            return;
        }

        string setTo = ClockWait.Youngest(secrets) is (string name, DateTimeOffset begin)
            && time.GetUtcNow() < begin
            && await SystemClock.SetAsync(root, begin, cancellationToken)
            ? $"it is set to {ClockWait.Text(begin)}, when the authority {name} of the metadata begins; "
            : "";
        _narrator.Say(
            $"{service.Unit}: no time server has set the clock: {fault}; {setTo}certificates are made all the same, "
                + "and anew once it is right");
    }

    /// <summary>
    /// A server's certificate that an authority of the metadata signed proves that its beginning is over; servers may
    /// be younger than the metadata, to whose beginning the clock was set. A clock that a time server has set is right,
    /// and the server's is not.
    /// </summary>
    private async Task AdvanceClockAsync(Uri server, DateTimeOffset begin, CancellationToken cancellationToken)
    {
        string before = ClockWait.Text(time.GetUtcNow());
        if (!File.Exists(root[ClockWait.Synchronised]) && await SystemClock.SetAsync(root, begin, cancellationToken))
        {
            _narrator.Say(
                $"no time server has set the clock, which said {before}: it is set to {ClockWait.Text(begin)}, "
                    + $"when the certificate of {server.Authority} begins");
        }
    }

    private async Task<EtcdStartPlan> DecideEtcdAsync(
        NodeState state, PeerDirectory directory, WaitReport report, CancellationToken cancellationToken)
    {
        EtcdStart start = EtcdNode.Start(root, state, directory, time);
        (EtcdStartPlan plan, string story) = await start.RunAsync(report.Waiting, cancellationToken);
        _narrator.Say($"{EtcdPaths.Unit}: {story}");
        EtcdCopies copies = new(root, new EtcdRecordStore(root), () => EtcdCopies.FreeBytes(root), _narrator, time);
        await copies.KeepBeforeAsync(await etcd.VersionAsync(cancellationToken), report.Waiting, cancellationToken);
        if (root.IsMachine && new EtcdRecordStore(root).Load() is { Phase: EtcdPhase.Joined, HasRun: false })
        {
            await new LearnerGate(root, new PacketFilter(CommandRunner.RunAsync), _narrator)
                .CloseAsync(cancellationToken); // "settle" opens it
        }

        return plan;
    }
}
