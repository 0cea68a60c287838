using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Hosting;

// quiet-client URL CA CERTIFICATE KEY: asks once a second and reads the JSON, until it is ended.
if (args is not [{ } url, { } authority, { } certificate, { } key])
{
    await Console.Error.WriteLineAsync("usage: quiet-client URL CA CERTIFICATE KEY").ConfigureAwait(false);
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
while (true)
{
    using JsonDocument answer = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(url)).ConfigureAwait(false));
    if (!answer.RootElement.TryGetProperty("items", out _))
    {
        throw new InvalidDataException($"{url} is no list");
    }

    await Task.Delay(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
}
