using Images.Lab.Machines;
using Images.Lab.Networks;

// lab serve FOLDER URL: the files of a folder by HTTP.
if (args is ["serve", { } served, { } url])
{
    return FileServer.Run(served, url);
}

// lab boot [ROLES]: one machine of the baked image with a fresh cluster of size 1, its console on this terminal.
if (args is not ["boot", ..])
{
    Console.Error.WriteLine("usage: lab boot [ROLES]    (as etcd,master,worker; default: etcd)");
    return 2;
}

const string Address = "10.240.0.11";
string role = args.Length > 1 ? args[1] : "etcd";
string folder = BakedImage.RunFolder("boot");
ClusterSeeds seeds = new(Path.Combine(folder, "cluster"));
using LabNetwork network = new(Path.Combine(folder, "network"));
network.Serve();
foreach (string one in role.Split(','))
{
    network.SetRecords($"{(one is "etcd" or "lb" ? one : one + "s")}.{seeds.Cluster}.k8s", [Address]);
}

using VirtualMachine machine = new(new MachineOptions
{
    Name = role.Replace(',', '-'),
    Folder = folder,
    MemoryMebibytes = role == "etcd" ? 1536 : 3072,
    Processors = role.Contains("master", StringComparison.Ordinal) ? 2 : 1,
    SeedImage = seeds.Role(role, role.Split(',').Contains("etcd", StringComparer.Ordinal) ? 1 : null),
    Network = network,
    Address = Address,
});
machine.Start();
string[] ssh = network.Enter(["ssh", "-i", seeds.SshKey, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", $"admin@{Address}"]);
Console.WriteLine($"A shell on it, from another terminal, once it is up:\n  {string.Join(' ', ssh)}\nCtrl+C ends the machine.\n");

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
int shown = 0;
while (machine.IsRunning && !stop.IsCancellationRequested)
{
    string text = machine.Console.Text;
    Console.Write(text[Math.Min(shown, text.Length)..]);
    shown = text.Length;
    stop.Token.WaitHandle.WaitOne(200);
}

return 0;
