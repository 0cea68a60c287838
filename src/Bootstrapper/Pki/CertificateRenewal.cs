using Images.Bootstrapper.Identity;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// Looks at the machine's certificates now and then and renews what needs it. etcd reads its certificates from disk at each
/// handshake, so nothing is restarted.
/// </summary>
internal sealed class CertificateRenewal(NodeState state, NodeCertificates certificates, CertificateLife life, Action<string> report)
{
    public async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(life.Look, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            RenewAll();
        }
    }

    public void RenewAll()
    {
        foreach (string name in state.Roles.SelectMany(role => role.Services).SelectMany(service => service.Certificates).Distinct(StringComparer.Ordinal))
        {
            try
            {
                if (certificates.Ensure(CertificateCatalogue.Find(name, state.Identity)) is string reason)
                {
                    report($"certificate {name} renewed: {reason}");
                }
            }
            catch (IOException e)
            {
                report($"certificate {name} could not be renewed, trying again in {life.Look.TotalSeconds:F0} s: {e.Message}");
            }
        }
    }
}
