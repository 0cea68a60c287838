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
internal sealed class ServicePreparation(NodeRoot root, NodeConsole console, CertificateLife life, TimeProvider time)
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
        EnsureCertificates(state, service);
        PeerLists peers = new(state, root, steady);
        TemplateValues values = unit == EtcdPaths.Unit
            ? NodeValues.ForEtcd(state, await DecideEtcdAsync(state, report, cancellationToken), service)
            : NodeValues.For(state, await peers.WaitAsync(service.Waits, report, cancellationToken));
        foreach (ServiceFile file in service.Files)
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

    private void EnsureCertificates(NodeState state, RoleService service)
    {
        NodeCertificates certificates = NodeCertificates.Of(root, state, life, time);
        foreach (string name in service.Certificates)
        {
            certificates.Ensure(CertificateCatalogue.Find(name, state.Identity));
        }
    }

    private async Task<EtcdStartPlan> DecideEtcdAsync(NodeState state, WaitReport report, CancellationToken cancellationToken)
    {
        EtcdStart start = EtcdNode.Start(root, state, time);
        (EtcdStartPlan plan, string story) = await start.RunAsync(report.Waiting, cancellationToken);
        console.WriteLine($"{EtcdPaths.Unit}: {story}");
        return plan;
    }

    private void WriteFile(RoleDefinition role, ServiceFile file, TemplateValues values)
    {
        string template = $"{NodePaths.Templates}/{role.Role}/{file.Template}";
        string text = Template.Render(ReadTemplate(template), template, values);
        FileOwner? owner = root.IsMachine ? FileOwner.Parse(file.Owner, root) : null;
        string path = root[file.Path];
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            AtomicFile.Write(path, text, (UnixFileMode)Convert.ToInt32(file.Mode, 8) & ModeBits, owner);
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
