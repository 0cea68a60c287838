using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
using IHost host = builder.Build();
await host.StartAsync().ConfigureAwait(false);
SayReady();
if (args is ["stay"])
{
    await host.WaitForShutdownAsync().ConfigureAwait(false);
}

await host.StopAsync().ConfigureAwait(false);

// sd_notify(3), which is how one learns that a host has started; an abstract address, as the benchmark gives it
static void SayReady()
{
    if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is ['@', .. string name])
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.SendTo("READY=1"u8, new UnixDomainSocketEndPoint("\0" + name));
    }
}
