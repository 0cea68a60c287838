using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper status</c>: who this machine is, how its services are, which of the agent's
/// duties fail and which peers it sees; <c>--json</c> gives
/// the file itself.
/// </summary>
internal static class StatusCommand
{
    public static int Run(NodeRoot root, TextWriter output, bool json)
    {
        StatusDocument status = StatusFile.Read(root)
            ?? throw new BootFailure(
                "NODE0601", "status", "the bootstrapper has not begun on this boot",
                "see 'systemctl status bootstrapper-boot.service'");
        if (json)
        {
            output.WriteLine(File.ReadAllText(root[NodeConfig.NodePaths.Status]));
            return ExitCodes.Done;
        }

        output.WriteLine($"phase     {status.Phase}");
        output.WriteLine($"metadata  {status.MetadataSource ?? "none yet"}");
        if (status.Failure is { } fault)
        {
            output.WriteLine($"failure   {fault}");
        }

        if (status.Identity is { } identity)
        {
            output.WriteLine($"role      {string.Join('+', identity.Roles)}");
            output.WriteLine($"cluster   {identity.Cluster}.{identity.Domain}");
            output.WriteLine($"host      {identity.Hostname}");
            output.WriteLine($"address   {identity.Address}");
            output.WriteLine($"instance  {identity.InstanceId}, since {identity.FirstBoot:yyyy-MM-dd HH:mm:ss} UTC");
        }

        foreach (ServiceStatus service in status.Services)
        {
            output.WriteLine($"service   {service.Unit}: {service.State}; {service.Detail}");
        }

        foreach (DutyFault duty in status.FailingDuties)
        {
            output.WriteLine($"duty      {duty}");
        }

        foreach (PeerNameStatus peers in status.Peers)
        {
            string[] named = [.. peers.Peers.Where(peer => peer.InDns).Select(peer => peer.Address)];
            string failure = peers.Failure is null ? "" : $"; the last look-up gave nothing ({peers.Failure})";
            output.WriteLine(
                $"peers     {peers.Name} names "
                    + $"{(named.Length == 0 ? "no address" : string.Join(", ", named))}{failure}");
            foreach (PeerStatusLine peer in peers.Peers)
            {
                output.WriteLine($"peer      {peer}");
            }
        }

        return ExitCodes.Done;
    }
}
