using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Hosting;

// quiet-client URL CA CERTIFICATE KEY COUNT: asks ten times a second, reads the JSON, and after COUNT times prints the processor time
// in seconds that they took, the first twenty left out. With a COUNT of 0 it asks once a second until it is ended.
const int Warming = 20;
if (args is not [{ } url, { } authority, { } certificate, { } key, { } number] || !int.TryParse(number, CultureInfo.InvariantCulture, out int count))
{
    await Console.Error.WriteLineAsync("usage: quiet-client URL CA CERTIFICATE KEY COUNT").ConfigureAwait(false);
    return 2;
}

HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
using IHost host = builder.Build();
await host.StartAsync().ConfigureAwait(false);
using X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificate, key);
using SocketsHttpHandler handler = new()
{
    SslOptions = new SslClientAuthenticationOptions
    {
        ClientCertificates = [own],
        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority) } },
    },
};
using HttpClient client = new(handler);
TimeSpan before = default;
for (int asked = 0; ; asked++)
{
    using JsonDocument answer = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(url)).ConfigureAwait(false));
    if (!answer.RootElement.TryGetProperty("items", out _))
    {
        throw new InvalidDataException($"{url} is no list");
    }

    if (asked == Warming)
    {
        before = Environment.CpuUsage.TotalTime;
    }
    else if (count > 0 && asked == Warming + count)
    {
        Console.WriteLine((Environment.CpuUsage.TotalTime - before).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    await Task.Delay(TimeSpan.FromSeconds(count > 0 ? 0.1 : 1)).ConfigureAwait(false);
}
