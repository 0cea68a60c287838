using System.CommandLine;
using Images.Baker.Tokens;
using Images.NodeConfig.Kubernetes;

namespace Images.Baker.Cli;

/// <summary><c>baker token create</c>: what new workers and lbs show to a cluster that runs.</summary>
internal static class TokenCommand
{
    public static Command Create() =>
        new("token", "Makes what new workers and lbs show to the masters of a running cluster.") { CreateCommand() };

    private static Command CreateCommand()
    {
        Option<string> kubeconfig = new("--kubeconfig")
        {
            Description = "How the cluster's API is reached, as 'baker kubeconfig' writes it.",
            Required = true,
        };
        Option<string> role = new("--role")
        {
            Description = "The role of the machines that will show it: worker or lb.",
            DefaultValueFactory = _ => BootstrapToken.DefaultGroup,
        };
        Option<string> ttl = new("--ttl")
        {
            Description = $"When the token ends: 90m, 24h, 7d, or {TokenCreation.Never}.",
            DefaultValueFactory = _ => "24h",
        };
        Option<string?> secrets = new("--secrets")
        {
            Description = "The folder that 'baker seed' was given as --out: its next seeds carry the token.",
        };
        Option<string?> cluster = new("--cluster")
        {
            Description = "The name of the cluster, with --secrets.",
        };
        Command command = new(
            "create", "Makes a bootstrap token that running masters take at once, and prints it as user-data.")
        {
            kubeconfig, role, ttl, secrets, cluster,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            new TokenOrder
            {
                Kubeconfig = result.GetValue(kubeconfig)!,
                Role = result.GetValue(role)!,
                TimeToLive = result.GetValue(ttl)!,
                Secrets = result.GetValue(secrets),
                Cluster = result.GetValue(cluster),
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(TokenOrder order, CancellationToken cancellationToken)
    {
#pragma warning disable RS0030 // a token ends a while after the person asks for it
        BootstrapToken token = await TokenCreation.CreateAsync(order, TimeProvider.System, cancellationToken)
            .ConfigureAwait(false);
#pragma warning restore RS0030
        Console.WriteLine(token.ExpiresText is { } end ? $"# until {end}" : "# without an end");
        Console.WriteLine("node:");
        Console.WriteLine("  kubernetes:");
        Console.WriteLine($"    token: '{token.Text.Reveal()}'");
        await Console.Error.WriteLineAsync(
            order.Secrets is null
                ? $"Write it into the user-data of new {order.Role}s in place of the token there."
                : $"The next {order.Role} seeds of {order.Secrets} carry it.").ConfigureAwait(false);
        return 0;
    }
}
