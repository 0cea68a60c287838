using System.Text.Json;
using System.Text.Json.Nodes;
using Images.Bootstrapper;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.PodRouting;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.Bootstrapper.NameServer;
using Images.Formats;
using Images.Formats.Dns;
using Images.NodeConfig.Kubernetes;

namespace Images.Fuzz.Parsers;

/// <summary>What other machines say: peers, workers, etcd, the API, the name server.</summary>
internal static class PeerParsers
{
    private static readonly ClusterZones _zones = ZoneFile.Read(
        "cluster.local. 5 IN SOA a.cluster.local. b.cluster.local. 1 2 3 4 5\nweb.cluster.local. 5 IN A 10.32.0.7\n"
            + "_http._tcp.web.cluster.local. 5 IN SRV 0 100 80 web.cluster.local.\nto-web.cluster.local. 5 IN CNAME web.cluster.local.\n",
        "fuzz");

    public static IEnumerable<FuzzedParser> All =>
    [
        new()
        {
            Name = "csr", // the DER of a request; around it all is as it should be
            Declared = [typeof(InvalidDataException)],
            Read = bytes => CsrRequest.Read(RequestOf(
                $"-----BEGIN CERTIFICATE REQUEST-----\n{Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks)}\n-----END CERTIFICATE REQUEST-----\n")),
        },
        new() { Name = "csr-pem", Declared = [typeof(InvalidDataException)], Read = bytes => CsrRequest.Read(RequestOf(MetadataParsers.Text(bytes))) },
        new()
        {
            Name = "claim",
            Declared = [typeof(JsonException)],
            Read = bytes => ForeignJson.Deserialize(bytes, CsrClaimJson.Default.CsrClaim),
        },
        new()
        {
            Name = "rendezvous-reply",
            Declared = [typeof(InvalidDataException)],
            Read = bytes => RendezvousWire.ReceiveAsync(new MemoryStream(bytes), EtcdJson.Default.RendezvousReply, CancellationToken.None).GetAwaiter().GetResult(),
        },
        new()
        {
            Name = "rendezvous-request",
            Declared = [typeof(InvalidDataException)],
            Read = bytes => RendezvousWire.ReceiveAsync(new MemoryStream(bytes), EtcdJson.Default.RendezvousRequest, CancellationToken.None).GetAwaiter().GetResult(),
        },
        new()
        {
            Name = "etcd",
            Declared = [typeof(EtcdGatewayException)],
            Read = bytes =>
            {
                _ = Caught(() => EtcdGateway.Read("https://127.0.0.1:2379", bytes, EtcdGateway.ReadList));
                _ = EtcdGateway.Read("https://127.0.0.1:2379", bytes, EtcdGateway.ReadStatus);
            },
        },
        new() { Name = "services", Declared = [typeof(JsonException)], Read = ReadServices },
        new() { Name = "api", Declared = [typeof(JsonException)], Read = ReadObject },
        new()
        {
            Name = "dns-question", // and what our server makes of it
            Declared = [typeof(MalformedDataException)],
            MostBytes = 1 << 20,
            Read = bytes =>
            {
                byte[] reply = new byte[512];
                if (ZoneResponder.Read(bytes, reply, out _) is { } question)
                {
                    ZoneResponder.Write(bytes, question, _zones.Answer(question.Name, question.Type, question.Header.Id), reply);
                }

                DnsQuestion.Read(bytes);
            },
        },
        new()
        {
            Name = "dns-reply",
            Declared = [typeof(MalformedDataException)],
            Read = bytes => DnsReply.Read(bytes, "www.example.com", DnsType.A),
        },
        new()
        {
            Name = "dns-zone",
            Declared = [typeof(MalformedDataException)],
            Read = bytes => ZoneFile.Read(MetadataParsers.Text(bytes), "fuzz").Answer("web.shop.svc.cluster.local", DnsType.Srv, 1),
        },
        new()
        {
            Name = "resolved",
            Declared = [typeof(JsonException), typeof(InvalidDataException)],
            Read = bytes => ResolvedResolver.Read(bytes),
        },
    ];

    private static KubernetesObject RequestOf(string pem) => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "csr-1" },
        ["spec"] = new JsonObject
        {
            ["signerName"] = CsrRequest.ClientSigner,
            ["username"] = "system:bootstrap:abcdef",
            ["request"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(pem)),
        },
    });

    /// <summary>Everything that is asked of an object of the API, whatever its kind.</summary>
    private static void ReadObject(byte[] bytes)
    {
        KubernetesObject whole = KubernetesObject.Parse(bytes);
        foreach (KubernetesObject item in (IEnumerable<KubernetesObject>)[whole, .. whole.Items("items")])
        {
            PodNode.Read(item);
            CsrNode.Read(item);
            CsrRequest.IsForKubelets(item);
            KubernetesObject slim = CsrRequest.Slim(item);
            try
            {
                CsrRequest.Read(slim);
            }
            catch (InvalidDataException)
            {
                // most objects are no requests
            }

            item.Number("code");
            item.Moment("metadata", "creationTimestamp");
            item.ToString();
            item.Json.ToJsonString();
        }
    }

    /// <summary>Services of type LoadBalancer, and that nothing of theirs becomes a line of haproxy's or the kernel's files by itself.</summary>
    private static void ReadServices(byte[] bytes)
    {
        IReadOnlyList<KubernetesObject> services = KubernetesObject.Parse(bytes).Items("items");
        AddressPool pool = new() { Ranges = [AddressRange.TryParse("10.240.0.64/28")!.Value] };
        foreach (AddressChange change in AddressAllotment.Of(BalancedService.ReadAll(services), pool, new HashSet<string>()).Changes)
        {
            change.Patch.ToJsonString();
        }

        ServicePlan plan = ServicePlan.Of(services, pool);
        string haproxy = HaproxyServices.Write(plan, 16, ["10.240.0.31"]), rules = ServiceTable.Rules(plan, _ => ["10.240.0.31"]);
        int frontends = plan.Ports.Count(port => !port.IsUdp);
        if (Lines(haproxy, "frontend ") != frontends || Lines(haproxy, "  bind ") != frontends || Lines(haproxy, "backend ") != plan.Ports.Count
            || haproxy.Any(character => character is not ('\n' or >= ' ' and <= '~')) || rules.Any(character => character is not ('\n' or >= ' ' and <= '~')))
        {
            throw new InvalidOperationException("a Service has written more than its own lines");
        }
    }

    private static int Lines(string text, string start) => text.Split('\n').Count(line => line.StartsWith(start, StringComparison.Ordinal));

    private static bool Caught(Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (EtcdGatewayException)
        {
            return true;
        }
    }
}
