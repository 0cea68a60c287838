using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>Clusters whose nodes are containers, from a root that is unpacked: this image's, and an earlier one's by the same launcher.</summary>
/// <param name="baker">Makes seeds, and the very first cluster.</param>
/// <param name="baseline">The earlier image; null: only this one is measured.</param>
/// <param name="work">Folder for the machines.</param>
internal sealed class ContainerBench(PublishedBaker baker, string? baseline, string work)
{
    private const int SinglePairs = 3, NinePairs = 2;
    private const string SingleHow = "etcd, master and worker in one container, on this machine's kernel";
    private const string NineHow = "three etcd, two masters, two workers and two machines without a role as containers, switched on at once";

    /// <summary>What an image from before nodes could be containers needs to be one: its kubelet's unit loads modules itself.</summary>
    private static readonly Dictionary<string, string> _baselineFiles = new()
    {
        ["systemd/system/kubelet.service.d/zz-container.conf"] = """
            [Service]
            ExecStartPre=
            ExecStartPre=+/usr/lib/bootstrapper/bootstrapper import-containers
            ExecStartPre=+/usr/lib/bootstrapper/bootstrapper prepare kubelet.service

            """,
        ["systemd/system/containerd.service.d/zz-container.conf"] = """
            [Service]
            ExecStartPre=/usr/bin/sed -i "/^.plugins.*cri.]$/a restrict_oom_score_adj = true" /etc/containerd/config.toml

            """,
    };

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(150);

    private int _runs;

    public IEnumerable<Measured> Run()
    {
        yield return VeryFirst();
        (Birth[] single, Birth[] singleBefore) = InTurn(SinglePairs, Single);
        (Birth[] nine, Birth[] nineBefore) = InTurn(NinePairs, Nine);
        yield return Recorded("unpacked root → Node Ready, single", single, birth => birth.NodesReady, SingleHow);
        yield return Recorded("unpacked root → pod Ready, single", single, birth => birth.PodsReady, SingleHow);
        yield return Recorded("unpacked root → both Nodes Ready, nine machines", nine, birth => birth.NodesReady, NineHow);
        yield return Recorded("unpacked root → both pods Ready, nine machines", nine, birth => birth.PodsReady, NineHow);
        if (baseline is null)
        {
            yield break;
        }

        yield return Against("Node Ready, single, this root / the baseline's", single, singleBefore, birth => birth.NodesReady, 0.45, "s");
        yield return Against("pod Ready, single, this root / the baseline's", single, singleBefore, birth => birth.PodsReady, 0.4, "s");
        yield return Against("processor time until the pod is Ready, single, this root / the baseline's", single, singleBefore, birth => birth.Processor, 0.8, "s");
        yield return Against("both Nodes Ready, nine machines, this root / the baseline's", nine, nineBefore, birth => birth.NodesReady, 0.65, "s");
    }

    /// <summary>Seconds of a container's start until its Node is Ready: what emulation is compared with.</summary>
    public double SingleNodeReady() => Single(null).NodesReady;

    private (Birth[] Now, Birth[] Before) InTurn(int pairs, Func<string?, Birth> measure)
    {
        List<Birth> now = [], before = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            if (baseline is not null)
            {
                before.Add(measure(baseline));
            }

            now.Add(measure(null));
        }

        return ([.. now], [.. before]);
    }

    private Measured VeryFirst()
    {
        string clusters = Path.Combine(work, "first");
        string[] cluster = ["env", $"IMAGES_CLUSTERS={clusters}", $"IMAGES_CACHE={baker.ColdCache()}", "dotnet", BakedImage.Baker, "cluster"];
        double seconds = Timed.Seconds([.. cluster, "up", "--single", "--no-uplink", "--load", "hello", "--name", "first", "--image", BakedImage.RawDisk, "--plan", Path.Combine(baker.Plan, "image.yaml")]);
        Timed.Seconds([.. cluster, "delete", "--name", "first"]);
        return Measured.Seconds("the very first `baker cluster up --single --load hello`", seconds, "one run, until the command returns: unpacks the root, makes seeds and the page's image, waits until the cluster is ready");
    }

    private Birth Single(string? image)
    {
        using LoneMachine one = new(NewFolder("single"), new LoneMachineOptions { Image = image, EtcFiles = FilesFor(image) });
        return Measure([one.Machine], one.Kubectl(), nodes: 1);
    }

    private Birth Nine(string? image)
    {
        string folder = NewFolder("nine");
        using LabNetwork network = new(Path.Combine(folder, "network"), image);
        ClusterSeeds seeds = new(Path.Combine(folder, "cluster"));
        string[] etcd = ["10.240.0.11", "10.240.0.12", "10.240.0.13"], masters = ["10.240.0.21", "10.240.0.22"], workers = ["10.240.0.31", "10.240.0.32"];
        network.SetRecords("etcd.demo.k8s", etcd);
        network.SetRecords("masters.demo.k8s", masters);
        network.SetRecords("workers.demo.k8s", workers);
        Machine[] machines =
        [
            .. etcd.Select(address => New("etcd", address, seeds.Role("etcd", size: 3))),
            .. masters.Select(address => New("master", address, seeds.Role("master"))),
            .. workers.Select(address => New("worker", address, seeds.Role("worker"))),
            .. new[] { "10.240.0.41", "10.240.0.42" }.Select(address => New("none", address, seed: null)),
        ];
        try
        {
            return Measure(machines, new Kubectl(network, seeds, masters[0]), nodes: 2);
        }
        finally
        {
            foreach (Machine machine in machines)
            {
                machine.Dispose();
            }
        }

        Machine New(string name, string address, string? seed) => Machine.New(new MachineOptions
        {
            Name = $"{name}{address[^2..]}",
            Folder = folder,
            Seed = seed,
            Network = network,
            Address = address,
            EtcFiles = FilesFor(image),
        });
    }

    private static Dictionary<string, string> FilesFor(string? image) => image is null ? [] : _baselineFiles;

    private static Birth Measure(Machine[] machines, Kubectl kubectl, int nodes)
    {
        long powerOn = Stopwatch.GetTimestamp();
        foreach (Machine machine in machines)
        {
            machine.Start();
        }

        double Since(string what, string sign, params string[] question)
        {
            kubectl.WaitFor(what, 300, answer => answer.Split(sign).Length == nodes + 1, machines[0], _pause, question);
            return Stopwatch.GetElapsedTime(powerOn).TotalSeconds;
        }

        double nodesReady = Since("Nodes that are Ready", " Ready ", "get", "nodes", "--no-headers");
        kubectl.Apply(EchoPods.Manifest("echo", replicas: nodes, nodePort: 30080));
        double podsReady = Since("pods that are Ready", " 1/1 ", "get", "pods", "--no-headers");
        ContainerMachine[] containers = [.. machines.Cast<ContainerMachine>()];
        return new Birth(nodesReady, podsReady, containers.Sum(one => one.ProcessorTime.TotalSeconds), containers.Sum(one => one.MemoryBytes));
    }

    private static Measured Recorded(string what, Birth[] births, Func<Birth, double> value, string how) => Measured.Seconds(
        what, Timed.Median(births.Select(value)),
        string.Create(CultureInfo.InvariantCulture, $"median of {births.Length}: {string.Join(", ", births.Select(birth => value(birth).ToString("0.0", CultureInfo.InvariantCulture)))}; {how}; until the pods are Ready {Timed.Median(births.Select(birth => birth.Processor)):0.0} s of processor, then {Timed.Median(births.Select(birth => (double)birth.MemoryBytes)) / (1 << 20):0} MiB of memory without the page cache"));

    private static Measured Against(string what, Birth[] now, Birth[] before, Func<Birth, double> value, double aim, string unit)
    {
        double ratio = Timed.Median(now.Zip(before, (one, other) => value(one) / value(other)));
        return Measured.Ratio(what, ratio, aim, string.Create(
            CultureInfo.InvariantCulture,
            $"medians {Timed.Median(now.Select(value)):0.0} {unit} and {Timed.Median(before.Select(value)):0.0} {unit} of {now.Length} pairs in turn, by the same launcher; pods are asked for their readiness every second"));
    }

    private string NewFolder(string name)
    {
        string folder = Path.Combine(work, string.Create(CultureInfo.InvariantCulture, $"{name}{_runs++}"));
        Judge.Run("rm", "-rf", folder);
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>Seconds from power to all Nodes Ready and to all pods Ready; then processor seconds and memory of all nodes.</summary>
    private sealed record Birth(double NodesReady, double PodsReady, double Processor, long MemoryBytes);
}
