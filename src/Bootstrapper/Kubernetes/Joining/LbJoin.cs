using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Joining;

/// <summary>
/// Asks the masters for an lb's certificate, and for the next one once two thirds of its life are over. It shows the
/// one that it has, or its token where it has none.
/// </summary>
/// <param name="user">The name to ask for.</param>
/// <param name="connectByToken">The API as a holder of the bootstrap token.</param>
/// <param name="connectAsLb">The API with the certificate that it has.</param>
/// <param name="isOfCluster">
/// Whether a certificate comes from an authority of the cluster, as the metadata names them now.
/// </param>
/// <param name="now">The time that counts for certificates.</param>
/// <param name="narrator">Told what is asked for, what comes of it, and what fails.</param>
internal sealed class LbJoin(
    NodeRoot root, string user, Func<KubernetesClient> connectByToken, Func<KubernetesClient> connectAsLb,
    Func<X509Certificate2, bool> isOfCluster, Func<DateTimeOffset> now, Narrator narrator, TimeProvider time)
{
    private const string Unit = "haproxy.service";

    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _whenJoined = TimeSpan.FromMinutes(1);

    private readonly GrowingPause _pause = new(_longestPause, time);
    private readonly ClientRequest _request = new(LbIdentity.Signer, $"O={LbIdentity.Group}, CN={user}");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            (bool isUsable, bool isDue) = Look();
            if ((isUsable && !isDue) || await TryAsync(isUsable, cancellationToken))
            {
                await Task.Delay(_whenJoined, time, cancellationToken);
            }
            else
            {
                await (isUsable
                    ? Task.Delay(_whenJoined, time, cancellationToken)
                    : _pause.WaitAsync(cancellationToken));
            }
        }
    }

    private (bool IsUsable, bool IsDue) Look()
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(root[LbIdentity.Certificate]);
            DateTimeOffset begin = new(certificate.NotBefore), end = new(certificate.NotAfter);
            bool isUsable = end > now()
                && certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == user
                && isOfCluster(certificate);
            return (isUsable, now() > begin + ((end - begin) * 2 / 3));
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            return (false, true);
        }
    }

    /// <summary>Whether the machine has its certificate now.</summary>
    private async Task<bool> TryAsync(bool hasOne, CancellationToken cancellationToken)
    {
        try
        {
            using ECDsa key = LoadKey();
            using KubernetesClient client = hasOne ? connectAsLb() : connectByToken();
            KubernetesObject request = await _request.FindOrMakeAsync(client, key, cancellationToken);
            if (ClientRequest.CertificateOf(request) is { } certificate)
            {
                return Keep(certificate, key);
            }

            string? refusal = ClientRequest.RefusalOf(request);
            if (refusal is not null)
            {
                File.Delete(root[LbIdentity.RequestKey]); // the next one asks with another key
            }

            Say(refusal is null
                ? $"asks the masters for the certificate of {user}, request {ClientRequest.NameOf(key)}"
                : $"request {ClientRequest.NameOf(key)} for the certificate of {user} was refused: {refusal}");
        }
        catch (KubernetesApiException e) when (e.Status == (int)HttpStatusCode.Unauthorized && !hasOne)
        {
            Say(
                "the masters do not take the bootstrap token; one that has ended, was removed, or is another cluster's "
                    + "takes another: 'baker token create --role lb'");
        }
        catch (Exception e) when (e is KubernetesApiException or IOException or BootFailure)
        {
            Say($"cannot ask for the certificate of {user}, trying again: {FaultText.Of(e)}");
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            Say($"the certificate that it was given for {user} cannot be read, trying again: {FaultText.Of(e)}");
        }

        return false;
    }

    /// <summary>haproxy takes it from the file once the agent tells it to.</summary>
    private bool Keep(string pem, ECDsa key)
    {
        using X509Certificate2 given = X509Certificate2.CreateFromPem(pem);
        if (!isOfCluster(given))
        {
            Say(
                $"the masters sign with {given.Issuer}, an authority that this machine's metadata does not name; it "
                    + "waits for another certificate");
            return false;
        }

        AtomicFile.Write(
            root[LbIdentity.Certificate],
            pem.TrimEnd() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n",
            AtomicFile.OwnerOnly | UnixFileMode.GroupRead,
            root.IsMachine ? FileOwner.Parse(LbIdentity.Owner, root) : null);
        File.Delete(root[LbIdentity.RequestKey]);
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"has the certificate of {user}, valid until {given.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC"));
        return true;
    }

    /// <summary>The same key until it is certified, so that a restart goes on with the same request.</summary>
    private ECDsa LoadKey()
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            key.ImportFromPem(File.ReadAllText(root[LbIdentity.RequestKey]));
        }
        catch (Exception e) when (e is IOException or CryptographicException or ArgumentException)
        {
            AtomicFile.Write(
                root[LbIdentity.RequestKey], key.ExportPkcs8PrivateKeyPem() + "\n", AtomicFile.OwnerOnly);
        }

        return key;
    }

    private void Say(string line)
    {
        if (narrator.SayOnce(Unit, $"{Unit}: {line}"))
        {
            _pause.Restart(); // something has changed
        }
    }
}
