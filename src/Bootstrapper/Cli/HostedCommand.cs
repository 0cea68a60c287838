using Images.Bootstrapper.Reporting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// Runs one service under a host that reads no configuration: nothing but the metadata configures this program.
/// </summary>
internal static class HostedCommand
{
    public static async Task<int> RunAsync<TService>(Func<IServiceProvider, TService> make)
        where TService : class, IHostedService
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddProvider(new JournalLoggerProvider(Console.Out));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.AddHostedService(make);
        using IHost host = builder.Build();
        await host.RunAsync();
        return Environment.ExitCode;
    }
}
