using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Agent;

/// <summary>Waits until the roles start, and does this machine's duties for as long as it runs.</summary>
internal sealed partial class AgentService(
    NodeRoot root, NodeConsole console, TimeProvider time, ILogger<AgentService> logger) : BackgroundService
{
    private static readonly TimeSpan _longestPauseBeforeRoles = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            StatusDocument found = await WaitForRolesAsync(stoppingToken);
            StatusBoard status = new(root, found with { FailingDuties = [] }); // those of an agent before this one
            NodeState state = NodeState.Load(root);
            Following(logger, state.Identity.Hostname);
            Narrator narrator = Narrator.For(root, console);
            await new Supervisor(narrator, status, new SupervisorRhythm(), time, logger)
                .RunAsync(DutyList.For(root, state, status, console, narrator, time), stoppingToken);
        }
        catch (Exception e) when (e is BootFailure or ConfigurationException)
        {
            console.WriteLine($"agent: {BootFailure.Describe(e)}");
            throw;
        }
    }

    private async Task<StatusDocument> WaitForRolesAsync(CancellationToken cancellationToken)
    {
        GrowingPause pause = new(_longestPauseBeforeRoles, time);
        while (true)
        {
            if (StatusFile.Read(root) is { Phase: StatusDocument.RolesStarted } status)
            {
                return status;
            }

            await pause.WaitAsync(cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "following the services of {Hostname}")]
    private static partial void Following(ILogger logger, string hostname);
}
