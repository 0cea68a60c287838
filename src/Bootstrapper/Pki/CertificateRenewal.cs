using System.Globalization;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// Looks at the machine's certificates now and then, and at once when the clock has jumped, and renews what needs it.
/// etcd reads its certificates from disk at each handshake, so nothing is restarted.
/// </summary>
/// <param name="state">The machine's roles.</param>
/// <param name="certificates">Theirs.</param>
/// <param name="life">When to look and when to renew.</param>
/// <param name="narrator">Told of jumps and renewals.</param>
/// <param name="afterJump">
/// What else a set clock asks for, by how far it went; certificates are renewed by then.
/// </param>
internal sealed class CertificateRenewal(
    NodeState state, NodeCertificates certificates, CertificateLife life, Narrator narrator,
    Func<TimeSpan, CancellationToken, Task> afterJump)
{
    /// <summary>Less than this is no jump: the backdating of certificates covers it.</summary>
    private static readonly TimeSpan _jump = TimeSpan.FromMinutes(1);

    public async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        long looked = time.GetTimestamp();
        while (true)
        {
            DateTimeOffset before = time.GetUtcNow();
            long started = time.GetTimestamp();
            await Task.Delay(life.ClockLook, time, cancellationToken);
            TimeSpan jump = time.GetUtcNow() - before - time.GetElapsedTime(started);
            bool jumped = jump.Duration() > _jump;
            if (jumped)
            {
                string way = jump > TimeSpan.Zero ? "forward" : "back";
                narrator.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"the clock was set {way} by {jump.Duration():d\\d\\ hh\\:mm\\:ss}; looking at the certificates"));
            }

            if (jumped || time.GetElapsedTime(looked) >= life.Look)
            {
                looked = time.GetTimestamp();
                RenewAll();
            }

            if (jumped)
            {
                await afterJump(jump, cancellationToken);
            }
        }
    }

    public void RenewAll()
    {
        foreach (string name in state.Roles.SelectMany(role => role.Services)
            .SelectMany(service => service.Certificates)
            .Distinct(StringComparer.Ordinal))
        {
            try
            {
                CertificatePlan plan = CertificateCatalogue.Find(name, state);
                // the first one is for "prepare" to make
                if (certificates.Has(plan) && certificates.Ensure(plan) is string reason)
                {
                    narrator.Say($"certificate {name} renewed: {reason}");
                }
            }
            catch (IOException e)
            {
                narrator.Say(
                    $"certificate {name} could not be renewed, "
                        + $"trying again in {life.Look.TotalSeconds:F0} s: {FaultText.Of(e)}");
            }
        }
    }
}
