using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Reporting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Cli;

/// <summary><c>bootstrapper agent</c>: follow the machine's services.</summary>
internal static class AgentCommand
{
    public static Task<int> RunAsync() => HostedCommand.RunAsync(services => new AgentService(
        NodeRoot.Machine,
        NodeConsole.ForMachine(),
        TimeProvider.System,
        services.GetRequiredService<ILogger<AgentService>>()));
}
