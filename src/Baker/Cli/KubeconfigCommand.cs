using System.CommandLine;
using Images.Baker.Kubeconfigs;

namespace Images.Baker.Cli;

/// <summary><c>baker kubeconfig</c>: how a person reaches the cluster's API.</summary>
internal static class KubeconfigCommand
{
    public static Command Create()
    {
        Option<string> cluster = new("--cluster") { Description = "The name of the cluster.", Required = true };
        Option<string> secrets = new("--secrets")
        {
            Description = "The folder that 'baker seed' was given as --out.",
            Required = true,
        };
        Option<string> server = new("--server")
        {
            Description = "Address of the API, for example https://masters.demo.k8s:6443.",
            Required = true,
        };
        Option<string> output = new("--out") { Description = "The file to write.", Required = true };
        Option<string> validity = new("--validity")
        {
            Description = "When the certificate ends: 90m, 8h, 30d.",
            DefaultValueFactory = _ => "8h",
        };
        Option<string> user = new("--user")
        {
            Description = "Who it is for, as the audit log will say.",
            DefaultValueFactory = _ => "admin",
        };
        Option<string[]> groups = new("--group")
        {
            Description = $"A group of RBAC instead of {KubeconfigOrder.Administrators}; may be given several times.",
        };
        Option<bool> force = new("--force") { Description = "Replace the file if it exists." };
        Command command = new("kubeconfig", "Writes a kubeconfig with a client certificate that expires.")
        {
            cluster, secrets, server, output, validity, user, groups, force,
        };
        command.SetAction(result => Run(new KubeconfigOrder
        {
            Cluster = result.GetValue(cluster)!,
            SeedFolder = result.GetValue(secrets)!,
            Server = result.GetValue(server)!,
            OutputFile = result.GetValue(output)!,
            Validity = result.GetValue(validity)!,
            User = result.GetValue(user)!,
            Groups = result.GetValue(groups) is { Length: > 0 } named ? named : [KubeconfigOrder.Administrators],
            Force = result.GetValue(force),
        }));
        return command;
    }

    private static int Run(KubeconfigOrder order)
    {
#pragma warning disable RS0030 // a certificate ends a while after the person asks for it
        DateTimeOffset expires = KubeconfigWriter.Write(order, TimeProvider.System);
#pragma warning restore RS0030
        Console.WriteLine($"{order.OutputFile}  {order.User} ({string.Join(", ", order.Groups)}) of cluster "
            + $"'{order.Cluster}', until {expires:u}");
        Console.WriteLine("It cannot be revoked before it ends: keep it to yourself.");
        return 0;
    }
}
