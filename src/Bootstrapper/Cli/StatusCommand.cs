using System.Globalization;
using System.Text.Json;
using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Upgrade;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper status</c>: who this machine is, how its services and what they need are at this moment, which of
/// the agent's duties fail and which peers it sees. Who may not ask them gets what the agent saw last, and how long ago
/// that is. <c>--json</c> gives the same as a document.
/// </summary>
internal static class StatusCommand
{
    public static async Task<int> RunAsync(NodeRoot root, TextWriter output, bool json)
    {
        StatusDocument known = Read(root);
        StatusDocument? now = await LiveStatus.LookAsync(root, known, TimeProvider.System, CancellationToken.None);
        return Print(root, output, json, now ?? known, isLive: now is not null);
    }

    /// <summary>What the agent saw last.</summary>
    public static int Run(NodeRoot root, TextWriter output, bool json) =>
        Print(root, output, json, Read(root), isLive: false);

    private static StatusDocument Read(NodeRoot root) => StatusFile.Read(root) is { } status
        ? status with { Findings = InspectionFile.Read(root), Image = ImageLook.Read(root) }
        : throw new BootFailure(
            "NODE0601", "status", "the bootstrapper has not begun on this boot",
            "see 'systemctl status bootstrapper-boot.service'");

    private static int Print(NodeRoot root, TextWriter output, bool json, StatusDocument status, bool isLive)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(status, ReportJson.Default.StatusDocument));
            return ExitCodes.Done;
        }

        output.WriteLine($"phase     {status.Phase}");
        if (status.LookedAt is { } lookedAt && !isLive)
        {
            double age = Math.Max(0, MachineClock.UptimeSeconds(root) - lookedAt);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"seen      {age:F0} s ago by the agent; root may ask anew"));
        }

        if (status.AgentFault is { } agent)
        {
            output.WriteLine($"agent     does not run ({agent}): nobody renews, promotes or tells of faults");
        }

        PrintImage(output, status);
        PrintIdentity(output, status);
        PrintFindings(output, status);
        PrintServices(output, status);
        PrintPeers(output, status);
        return ExitCodes.Done;
    }

    private static void PrintImage(TextWriter output, StatusDocument status)
    {
        if (status.Image?.Describe() is { Length: > 0 } image)
        {
            output.WriteLine($"image     {image}");
        }

        if (status.Image?.GivenUp is { } failed)
        {
            output.WriteLine($"upgrade   {failed}");
        }

        foreach (string line in status.Image?.LastLines ?? [])
        {
            output.WriteLine($"its end   {line}");
        }
    }

    private static void PrintIdentity(TextWriter output, StatusDocument status)
    {
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
    }

    private static void PrintFindings(TextWriter output, StatusDocument status)
    {
        foreach (Finding finding in status.Findings)
        {
            string label = finding.Weight switch
            {
                FindingWeight.Good => "good",
                FindingWeight.Unknown => "unknown",
                FindingWeight.Notice => "notice",
                _ => "amiss",
            };
            output.WriteLine($"{label,-9} {finding}");
        }
    }

    private static void PrintServices(TextWriter output, StatusDocument status)
    {
        foreach (ServiceStatus service in status.Services)
        {
            output.WriteLine($"service   {service.Unit}: {service.State}; {service.Detail}");
            if (service.Ends.Count > 0)
            {
                output.WriteLine($"ended     {ServiceWatch.Describe(service.Unit, service.Ends)}");
            }
        }

        foreach (Surrounding need in status.Surroundings)
        {
            output.WriteLine($"{(need.IsWell ? "needs" : "lacks")}     {need.Name}: {need.Detail}");
        }

        if (status.VirtualAddress is { } virtualAddress)
        {
            output.WriteLine($"vip       {virtualAddress}");
        }

        foreach (string line in status.Etcd?.Describe() ?? [])
        {
            output.WriteLine($"etcd      {line}");
        }

        foreach (DutyFault duty in status.FailingDuties)
        {
            output.WriteLine($"duty      {duty}");
        }
    }

    private static void PrintPeers(TextWriter output, StatusDocument status)
    {
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
    }
}
