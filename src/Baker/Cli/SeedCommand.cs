using System.CommandLine;
using Images.Baker.Seeds;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Cli;

/// <summary><c>baker seed</c>: what a machine needs to be told before its first boot.</summary>
internal static class SeedCommand
{
    public static Command Create()
    {
        Option<string> cluster = new("--cluster") { Description = "The name of the cluster, a DNS label.", Required = true };
        Option<string> role = new("--role") { Description = "The role of the machines: etcd, master, worker or lb.", Required = true };
        Option<int?> size = new("--size") { Description = "How many members the etcd cluster starts with (role etcd)." };
        Option<string> output = new("--out") { Description = "The cluster's folder; its secrets are made there once.", Required = true };
        Option<string> domain = new("--domain") { Description = "The DNS domain above the cluster's name.", DefaultValueFactory = _ => NodeSettings.DefaultDomain };
        Option<string?> hostname = new("--hostname") { Description = "A host name, for a seed that serves one machine." };
        Option<string[]> keys = new("--ssh-key") { Description = "A file with public keys for the user admin; may be given several times." };
        Command command = new("seed", "Writes user-data, meta-data and a NoCloud ISO for the machines of one role.")
        {
            cluster, role, size, output, domain, hostname, keys,
        };
        command.SetAction(result => Run(new SeedOrder
        {
            Cluster = result.GetValue(cluster)!,
            Role = result.GetValue(role)!,
            Size = result.GetValue(size),
            OutputFolder = result.GetValue(output)!,
            Domain = result.GetValue(domain)!,
            Hostname = result.GetValue(hostname),
            SshKeys = [.. (result.GetValue(keys) ?? []).SelectMany(ReadKeys)],
        }));
        return command;
    }

    private static int Run(SeedOrder order)
    {
#pragma warning disable RS0030 // certificates begin at the time of the person who makes them
        SeedResult result = SeedWriter.Write(order, TimeProvider.System);
#pragma warning restore RS0030
        Console.WriteLine($"{result.Folder}/user-data  {result.UserDataBytes} bytes of at most {UserDataText.MaximumBytes}");
        Console.WriteLine($"{result.Folder}/meta-data");
        Console.WriteLine(result.Iso);
        Console.WriteLine($"Keep {Path.Combine(order.OutputFolder, "secrets")} safe: whoever has it can join the cluster '{order.Cluster}'.");
        return 0;
    }

    private static IEnumerable<string> ReadKeys(string path)
    {
        try
        {
            return File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException("BAKE0807", path, $"cannot be read: {e.Message}", "Give --ssh-key a file of public keys.", inner: e);
        }
    }
}
