using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.Launcher.Roots;

// lab serve FOLDER URL: the files of a folder by HTTP.
if (args is ["serve", { } served, { } url])
{
    return FileServer.Run(served, url);
}

// lab fail-names ADDRESS PORT: a DNS server that always fails.
if (args is [FailingNameServer.Command, { } address, { } port])
{
    return FailingNameServer.Run(address, port);
}

// lab ask-api KUBECONFIG NAME: a client of the API that tells of each answer.
if (args is [ApiProbe.Command, { } kubeconfig, { } name])
{
    return await ApiClient.RunAsync(kubeconfig, name);
}

// lab unpack IMAGE OBJECTS TARGET: an image's root, as the root of a user namespace.
if (args is [LabRange.Unpack, ..])
{
    RootUnpacker.RunAsChild(args[1..]);
    return 0;
}

// lab boot [ROLES]: one machine of the baked image with a fresh cluster of size 1, its console on this terminal.
if (args is not ["boot", ..])
{
    Console.Error.WriteLine("usage: lab boot [ROLES]    (as etcd,master,worker; default: etcd)");
    return 2;
}

using LoneMachine one = new(BakedImage.RunFolder("boot"), new LoneMachineOptions { Kind = MachineKind.Qemu, Roles = args.Length > 1 ? args[1] : "etcd" });
Machine machine = one.Machine;
machine.Start();
string[] ssh = one.Network.Enter(["ssh", "-i", one.Seeds.SshKey, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", $"admin@{LoneMachine.Address}"]);
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
