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
/// Asks for the kubelet's first certificate in its place: a kubelet that rotates its certificates keeps the key of a
/// request to itself, and then this machine could not say with which key it asks. The kubelet finds certificate and key
/// where it would have put them, and renews them from then on. Asks again when they have expired, as on a machine that
/// was off for long, and when their authority is no longer among those of the metadata; the kubelet, which runs by
/// then, is started anew: it would wait to hear from an API server that it can no longer ask (client-go's exit after
/// five minutes, and the server's answer to nobody is a refusal). A master signs its own: it has the authority's key,
/// and its kubelet need not wait for a controller manager.
/// </summary>
/// <param name="node">The name to ask for.</param>
/// <param name="tokenId">The part of the bootstrap token that is no secret.</param>
/// <param name="connect">The API as a holder of the bootstrap token.</param>
/// <param name="isOfCluster">
/// Whether a certificate comes from an authority of the cluster, as the metadata names them now.
/// </param>
/// <param name="now">The time that counts for certificates.</param>
/// <param name="restart">Starts the kubelet anew if it runs.</param>
/// <param name="sign">Makes the certificate for a key without asking anybody; null on a machine that cannot.</param>
/// <param name="narrator">Told what is asked for, what comes of it, and what fails.</param>
internal sealed class KubeletJoin(
    NodeRoot root, string node, string tokenId, Func<KubernetesClient> connect,
    Func<X509Certificate2, bool> isOfCluster,
    Func<DateTimeOffset> now, Func<CancellationToken, Task> restart, Func<ECDsa, X509Certificate2>? sign,
    Narrator narrator, TimeProvider time)
{
    private const string Folder = "/var/lib/kubelet/pki";
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _whenJoined = TimeSpan.FromMinutes(1);

    /// <summary>So long a token that is not taken may be one of a cluster whose masters are just starting.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly GrowingPause _pause = new(_longestPause, time);
    private readonly ClientRequest _request = new(
        CsrRequest.ClientSigner, $"O={CsrRule.NodesGroup}, CN={CsrRule.NodeUserPrefix}{node}");

    /// <summary>The key of a request that the API has not confirmed yet.</summary>
    private string? _newKey;

    private DateTimeOffset? _refusedSince;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (IsUsable(root[KubernetesNode.KubeletCertificate]) || await TryAsync(cancellationToken))
            {
                await Task.Delay(_whenJoined, time, cancellationToken);
            }
            else
            {
                await _pause.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Whether the machine has its certificate now.</summary>
    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            using ECDsa key = LoadKey();
            if (sign is not null)
            {
                using X509Certificate2 made = sign(key);
                await TakeAsync(made, key, cancellationToken);
                return true;
            }

            using KubernetesClient client = connect();
            KubernetesObject request = await _request.FindOrMakeAsync(client, key, cancellationToken);
            string name = ClientRequest.NameOf(key);
            _refusedSince = null;
            if (!IsWith(request, ClientRequest.DigestOf(key)))
            {
                // whoever asks this machine for its word knows its key, and may have made a request of that name before
                ForgetKey();
                Say($"request {name} is another's, with another key; it asks with a new key");
                return false;
            }

            // only now does it give its word for the key
            WriteKey();
            if (ClientRequest.CertificateOf(request) is { } pem)
            {
                using X509Certificate2 given = X509Certificate2.CreateFromPem(pem);
                if (!isOfCluster(given))
                {
                    Say(
                        $"the masters sign with {given.Issuer}, an authority that this machine's metadata "
                            + "does not name; it waits for another certificate");
                    return false;
                }

                await TakeAsync(given, key, cancellationToken);
                return true;
            }

            string? refusal = ClientRequest.RefusalOf(request);
            string? left = CsrApproval.WhyLeft(request);
            Say(refusal is null && left is null
                ? $"asks the masters for the certificate of the Node {node}, request {name}"
                : refusal is null ? $"the masters leave request {name} for the Node {node} alone: {left}"
                : $"request {name} for the certificate of the Node {node} was refused: {refusal}");
        }
        catch (KubernetesApiException e) when (e.Status == (int)HttpStatusCode.Unauthorized)
        {
            _refusedSince ??= time.GetUtcNow();
            Say(time.GetUtcNow() - _refusedSince < _patience
                ? $"the masters do not know the bootstrap token {tokenId} yet, trying again"
                : $"the masters do not take the bootstrap token {tokenId}: it has ended, was removed, or is another "
                    + "cluster's; make one with 'baker token create', and boot this machine with it as "
                    + "node.kubernetes.token in its metadata");
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            Say($"cannot ask for the certificate of the Node {node}, trying again: {FaultText.Of(e)}");
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            Say(
                $"the certificate that it was given for the Node {node} cannot be read, trying again: "
                    + FaultText.Of(e));
        }

        return false;
    }

    private async Task TakeAsync(X509Certificate2 certificate, ECDsa key, CancellationToken cancellationToken)
    {
        bool hadAnother = new FileInfo(root[KubernetesNode.KubeletCertificate]).LinkTarget is not null;
        Keep(certificate, key);
        if (hadAnother)
        {
            await restart(cancellationToken);
        }
    }

    /// <summary>As kubelets keep it: both in one file with a date in its name, a link to the newest.</summary>
    private void Keep(X509Certificate2 certificate, ECDsa key)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"kubelet-client-{now():yyyy-MM-dd-HH-mm-ss}.pem");
        AtomicFile.Write(
            root[$"{Folder}/{file}"],
            certificate.ExportCertificatePem() + "\n" + key.ExportECPrivateKeyPem() + "\n", AtomicFile.OwnerOnly);
        string link = root[KubernetesNode.KubeletCertificate];
        File.Delete(link + AtomicFile.PartialSuffix);
        File.CreateSymbolicLink(link + AtomicFile.PartialSuffix, file);
        File.Move(link + AtomicFile.PartialSuffix, link, overwrite: true);
        LinuxFiles.SyncFolder(root[Folder]);
        ForgetKey();
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"has the certificate of the Node {node}, "
                + $"valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC"));
    }

    /// <summary>The same key until it is certified, so that a restart goes on with the same request.</summary>
    private ECDsa LoadKey()
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            key.ImportFromPem(_newKey ?? File.ReadAllText(root[KubernetesNode.KubeletRequestKey]));
        }
        catch (Exception e) when (e is IOException or CryptographicException or ArgumentException)
        {
            _newKey = key.ExportECPrivateKeyPem() + "\n";
        }

        return key;
    }

    private void WriteKey()
    {
        if (_newKey is not null)
        {
            AtomicFile.Write(root[KubernetesNode.KubeletRequestKey], _newKey, AtomicFile.OwnerOnly);
            _newKey = null;
        }
    }

    private void ForgetKey()
    {
        string path = root[KubernetesNode.KubeletRequestKey];
        if (File.Exists(path)) // the folder may not be there yet, which a deletion takes for a fault
        {
            File.Delete(path);
        }

        _newKey = null;
    }

    private static bool IsWith(KubernetesObject request, string digest)
    {
        try
        {
            return CsrRequest.Read(request).KeyDigest == digest;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private bool IsUsable(string path)
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(path);
            string holder = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            if (holder != CsrRule.NodeUserPrefix + node)
            {
                Say($"the certificate is {holder}'s, and this is the Node {node} now; it asks for another");
                File.Delete(path); // the link; a kubelet that started with it would be refused
                return false;
            }

            if (!isOfCluster(certificate))
            {
                SayForeign(certificate);
                return false;
            }

            return certificate.NotAfter.ToUniversalTime() > now().UtcDateTime;
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            return false;
        }
    }

    private void SayForeign(X509Certificate2 certificate)
    {
        narrator.SayOnce(
            $"kubelet.service, certificate {certificate.Thumbprint}",
            $"kubelet.service: the certificate of the Node {node} comes from {certificate.Issuer}, "
                + "an authority that the metadata no longer names; it asks for another");
    }

    private void Say(string line)
    {
        if (narrator.SayOnce("kubelet.service", $"kubelet.service: {line}"))
        {
            _pause.Restart(); // something has changed
        }
    }
}
