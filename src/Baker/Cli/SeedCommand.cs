using System.CommandLine;
using Images.Baker.Seeds;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Cli;

/// <summary><c>baker seed</c>: what a machine needs to be told before its first boot.</summary>
internal static class SeedCommand
{
    public static Command Create()
    {
        Option<string> cluster = new("--cluster")
        {
            Description = "The name of the cluster, a DNS label.",
            Required = true,
        };
        Option<string?> role = new("--role")
        {
            Description = "The role of the machines: etcd, master, worker or lb; "
                + "several with commas, as etcd,master,worker.",
        };
        Option<bool> single = new("--single")
        {
            Description = "For one machine that is the whole cluster, in place of --role and --size. It needs no DNS.",
        };
        Option<bool> strict = new("--strict")
        {
            Description = "The machine joins its cluster only once nothing is amiss with it: size, ports, DNS, clock, "
                + "latency.",
        };
        Option<string?> hosts = new("--hosts")
        {
            Description = "A file in the form of /etc/hosts: names that the machines answer themselves, "
                + "so that a small cluster needs no DNS.",
        };
        Option<int?> size = new("--size")
        {
            Description = "How many members the etcd cluster starts with (where etcd is among the roles).",
        };
        Option<string> output = new("--out")
        {
            Description = "The cluster's folder; its secrets are made there once.",
            Required = true,
        };
        Option<string> domain = new("--domain")
        {
            Description = "The DNS domain above the cluster's name.",
            DefaultValueFactory = _ => NodeSettings.DefaultDomain,
        };
        Option<string?> hostname = new("--hostname")
        {
            Description = "A host name, for a seed that serves one machine.",
        };
        Option<string?> network = new("--network")
        {
            Description = "How pods reach each other: routed (default), overlay or cni. "
                + "The same for the whole cluster, recorded in its folder.",
        };
        Option<string?> pods = new("--pod-cidr")
        {
            Description = $"The addresses of pods, {KubernetesSettings.DefaultPodCidr} unless given; "
                + "recorded likewise.",
        };
        Option<string?> services = new("--service-cidr")
        {
            Description = $"The addresses of Services, {KubernetesSettings.DefaultServiceCidr} unless given; "
                + "recorded likewise.",
        };
        Option<string?> dns = new("--dns")
        {
            Description = "Who answers pods' questions for names: node (default), "
                + "or none for an add-on of yours; recorded likewise.",
        };
        Option<string?> kubeProxy = new("--kube-proxy")
        {
            Description = "Who makes Services' addresses: node (default), or none for an add-on of yours; "
                + "recorded likewise.",
        };
        Option<string?> endpoint = new("--endpoint")
        {
            Description = "Where the API is found: dns (default), vip or lb; recorded likewise.",
        };
        Option<string?> vip = new("--vip")
        {
            Description = "Virtual addresses, as masters=10.0.0.20,lb=10.0.0.40 or one of them; recorded likewise.",
        };
        Option<string?> vipInterval = new("--vip-interval")
        {
            Description = "Seconds between two signs of life of who holds a virtual address: 1 (default), or from 0.2 "
                + "to 2, as 0.5; recorded likewise. Another takes the address after three of them.",
        };
        Option<string[]> apiNames = new("--api-name")
        {
            Description = "A further DNS name of the API; may be given several times; recorded likewise.",
        };
        Option<string?> lbPorts = new("--lb-ports")
        {
            Description = "What lbs forward to workers beside the API: ports with commas, as 80,443:30443.",
        };
        Option<string?> lbPool = new("--lb-pool")
        {
            Description = "Addresses that lbs give to Services of type LoadBalancer, as 10.0.0.64/28 or "
                + "10.0.0.64-10.0.0.79, several with commas; recorded likewise. Needs --vip lb=….",
        };
        Option<bool> proxyProtocol = new("--proxy-protocol")
        {
            Description = "Lbs tell workers each client's address in front of its bytes.",
        };
        Option<string?> tokenTtl = new("--token-ttl")
        {
            Description = "How long the tokens of workers and lbs are taken, from the cluster's first seed on: 90m, "
                + "24h, 7d. Without it for ever, so that a machine with a new disk joins again with its old seed.",
        };
        Option<string[]> keys = new("--ssh-key")
        {
            Description = "A file with public keys for the user admin; may be given several times.",
        };
        Command command = new(
            "seed",
            "Writes user-data, meta-data and a NoCloud ISO for the machines of one role, or of several on one machine.")
        {
            cluster, role, single, strict, size, hosts, output, domain, hostname, network, pods, services, dns,
            kubeProxy, endpoint, vip, vipInterval, apiNames, lbPorts, lbPool, proxyProtocol, tokenTtl, keys,
        };
        command.SetAction(result => Run(new SeedOrder
        {
            Cluster = result.GetValue(cluster)!,
            Role = result.GetValue(role),
            Single = result.GetValue(single),
            Strict = result.GetValue(strict),
            Hosts = result.GetValue(hosts) is { } file ? HostsFile.Read(file) : [],
            Size = result.GetValue(size),
            OutputFolder = result.GetValue(output)!,
            Domain = result.GetValue(domain)!,
            Hostname = result.GetValue(hostname),
            Network = result.GetValue(network),
            PodCidr = result.GetValue(pods),
            ServiceCidr = result.GetValue(services),
            Dns = result.GetValue(dns),
            KubeProxy = result.GetValue(kubeProxy),
            Endpoint = result.GetValue(endpoint),
            MastersVip = ReadVip(result.GetValue(vip), "masters"),
            LbVip = ReadVip(result.GetValue(vip), "lb"),
            VipInterval = result.GetValue(vipInterval),
            ApiNames = result.GetValue(apiNames),
            LbPorts = result.GetValue(lbPorts)?.Split(',', StringSplitOptions.TrimEntries) ?? [],
            LbPool = result.GetValue(lbPool),
            ProxyProtocol = result.GetValue(proxyProtocol),
            TokenTimeToLive = result.GetValue(tokenTtl) is { } life ? ReadPeriod(life) : null,
            SshKeys = [.. (result.GetValue(keys) ?? []).SelectMany(ReadKeys)],
        }));
        return command;
    }

    private static int Run(SeedOrder order)
    {
#pragma warning disable RS0030 // certificates begin at the time of the person who makes them
        SeedResult result = SeedWriter.Write(order, TimeProvider.System);
#pragma warning restore RS0030
        Console.WriteLine(
            $"{result.Folder}/user-data  {result.UserDataBytes} bytes of at most {UserDataText.MaximumBytes}");
        Console.WriteLine($"{result.Folder}/meta-data");
        Console.WriteLine(result.Iso);
        Console.WriteLine($"Keep {Path.Combine(order.OutputFolder, "secrets")} safe: "
            + $"whoever has it can join the cluster '{order.Cluster}'.");
        return 0;
    }

    /// <summary>The address of one kind; null where it is not named.</summary>
    private static string? ReadVip(string? text, string kind)
    {
        string? found = null;
        foreach (string part in text?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            found = part.Split('=') switch
            {
                ["masters" or "lb", { Length: > 0 } address] pair => pair[0] == kind ? address : found,
                _ => throw new BakeException(
                    "BAKE0802", "--vip", $"'{part}' is no virtual address.",
                    "Write masters=10.0.0.20,lb=10.0.0.40 or one of them."),
            };
        }

        return found;
    }

    private static TimeSpan ReadPeriod(string text) => ValidityPeriod.TryParse(text)
        ?? throw new BakeException(
            "BAKE0802", "--token-ttl", $"'{text}' is no period.",
            "Write a whole number of minutes, hours or days, at most 3660d: 90m, 24h, 7d.");

    internal static IReadOnlyList<string> ReadKeys(string path)
    {
        string[] keys;
        try
        {
            keys =
            [
                .. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0807", path, $"cannot be read: {e.Message}", "Give --ssh-key a file of public keys.", inner: e);
        }

        return keys.Length > 0
            ? keys
            : throw new BakeException(
                "BAKE0807", path, "holds no key, so nobody could log in with it.",
                "Give --ssh-key a file of public keys.");
    }
}
