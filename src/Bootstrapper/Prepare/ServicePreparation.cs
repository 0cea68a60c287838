using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary><c>bootstrapper prepare UNIT</c>: certificates, peers and files of a unit, before its program starts. Running it again changes nothing.</summary>
internal sealed class ServicePreparation(NodeRoot root, NodeConsole console, EtcdProgram etcd, CertificateLife life, TimeProvider time)
{
    private const UnixFileMode ModeBits = (UnixFileMode)0xFFF;

    /// <exception cref="BootFailure">The metadata or the image lacks something; nothing was started.</exception>
    /// <exception cref="ConfigurationException">A template of the image is wrong.</exception>
    public async Task RunAsync(string unit, CancellationToken cancellationToken)
    {
        NodeState state = NodeState.Load(root);
        (RoleDefinition role, RoleService service) = Find(state, unit);
        SteadyClock steady = new(time);
        using WaitReport report = new(unit, console, root, steady);
        await EnsureCertificatesAsync(state, service, report, steady, cancellationToken);
        PeerLists peers = new(state, root, steady);
        TemplateValues values = unit == EtcdPaths.Unit
            ? NodeValues.ForEtcd(state, await DecideEtcdAsync(state, report, cancellationToken), service)
            : NodeValues.For(state, service, await peers.WaitAsync(service.Waits, report, cancellationToken));
        await new NeededFiles(root, steady).WaitAsync(service.Needs, report, cancellationToken);
        await new ServerAnswers(root, state, time, steady).WaitAsync(service, values, report, cancellationToken);
        foreach (ServiceFile file in service.Files.Where(file => file.When is null))
        {
            WriteFile(role, file, values);
        }
    }

    /// <summary>A unit that several roles of the machine share is prepared as the first of them says.</summary>
    private static (RoleDefinition Role, RoleService Service) Find(NodeState state, string unit)
    {
        foreach (RoleDefinition role in state.Roles)
        {
            if (role.Services.FirstOrDefault(service => service.Unit == unit) is RoleService service)
            {
                return (role, service);
            }
        }

        throw new BootFailure(unit, "no role of this machine has this unit", $"its roles are {string.Join(", ", state.Identity.Roles)}");
    }

    private async Task EnsureCertificatesAsync(NodeState state, RoleService service, WaitReport report, TimeProvider steady, CancellationToken cancellationToken)
    {
        if (service.Certificates.Count > 0
            && await new ClockWait(root, time, steady).RunAsync(state.Metadata.Node.Secrets, report.Waiting, cancellationToken) is string fault)
        {
            Say($"{service.Unit}: no time server has set the clock: {fault}; certificates are made all the same, and anew once it is right");
        }

        NodeCertificates certificates = NodeCertificates.Of(root, state, life, time);
        foreach (string name in service.Certificates)
        {
            certificates.Ensure(CertificateCatalogue.Find(name, state));
        }
    }

    private async Task<EtcdStartPlan> DecideEtcdAsync(NodeState state, WaitReport report, CancellationToken cancellationToken)
    {
        EtcdStart start = EtcdNode.Start(root, state, time);
        (EtcdStartPlan plan, string story) = await start.RunAsync(report.Waiting, cancellationToken);
        Say($"{EtcdPaths.Unit}: {story}");
        EtcdCopies copies = new(root, new EtcdRecordStore(root), () => EtcdCopies.FreeBytes(root), Say, time);
        await copies.KeepBeforeAsync(await etcd.VersionAsync(cancellationToken), report.Waiting, cancellationToken);
        return plan;
    }

    private void Say(string line)
    {
        console.WriteLine(line);
        WhyTrace.Append(root, line);
    }

    private void WriteFile(RoleDefinition role, ServiceFile file, TemplateValues values)
    {
        (string owner, string name) = file.TemplateOf(role.Role);
        string template = $"{NodePaths.Templates}/{owner}/{name}";
        string text = Template.Render(ReadTemplate(template), template, values);
        FileOwner? account = root.IsMachine ? FileOwner.Parse(file.Owner, root) : null;
        string path = root[file.Path];
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            AtomicFile.Write(path, text, (UnixFileMode)Convert.ToInt32(file.Mode, 8) & ModeBits, account);
        }
    }

    private string ReadTemplate(string template)
    {
        try
        {
            return File.ReadAllText(root[template]);
        }
        catch (IOException e)
        {
            throw new BootFailure(template, $"the template cannot be read ({e.Message})", "bake the image again");
        }
    }
}
