using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Joining;

/// <summary>
/// Says why the kubelet's certificates will not be renewed, from when half of their life is over. A kubelet asks for
/// the next ones itself, but only when some three quarters are over, and says nothing of why nobody gives them.
/// </summary>
/// <param name="node">The Node of this machine.</param>
/// <param name="address">Of this machine.</param>
/// <param name="workers">Ask for the workers in DNS, one for each of their names.</param>
/// <param name="connect">The API with the kubelet's certificate.</param>
/// <param name="now">The time that counts for certificates.</param>
/// <param name="narrator">Told why a certificate cannot be renewed, and what to do.</param>
internal sealed class KubeletRenewal(
    NodeRoot root, string node, string address, IReadOnlyList<PeerWatch> workers, Func<KubernetesClient> connect,
    Func<DateTimeOffset> now, Narrator narrator, TimeProvider time)
{
    private const string Matter = "renewal of the kubelet's certificates";

    /// <summary>The kubelet's own names for them, each a link to the newest.</summary>
    private static readonly (string Use, string Path)[] _certificates =
    [
        ("client", KubernetesNode.KubeletCertificate),
        ("serving", KubernetesNode.KubeletServingCertificate),
    ];

    /// <summary>Part of its life after which a kubelet has asked for the next one, whatever it has drawn.</summary>
    private const double Asked = 0.9;

    private static readonly TimeSpan _look = TimeSpan.FromMinutes(10);

    /// <summary>Masters look at a request every ten seconds.</summary>
    private static readonly TimeSpan _decided = TimeSpan.FromMinutes(2);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            narrator.SayOnce(Matter, await LinesAsync(cancellationToken));
            await Task.Delay(_look, time, cancellationToken);
        }
    }

    /// <summary>One for each certificate that cannot be renewed.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(CancellationToken cancellationToken)
    {
        List<string> lines = [];
        string? reason = null;
        foreach ((string use, string path) in _certificates)
        {
            if (Life(path) is not var (begin, end) || now() < begin + ((end - begin) / 2))
            {
                continue;
            }

            reason ??= await ReasonAsync(cancellationToken) ?? "";
            string fault = reason.Length > 0 ? reason
                : now() > begin + ((end - begin) * Asked)
                    ? "it has not asked for the next one; 'systemctl restart kubelet.service' makes it"
                : "";
            if (fault.Length > 0)
            {
                lines.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"kubelet.service: its {use} certificate ends on {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC, in "
                        + $"{Rest(end - now())}, and is not renewed: {fault}"));
            }
        }

        return lines;
    }

    /// <summary>In whole days, so that it is said once a day.</summary>
    private static string Rest(TimeSpan rest) => rest.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{rest.TotalDays:F0} days")
        : "less than a day";

    private (DateTimeOffset Begin, DateTimeOffset End)? Life(string path)
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(root[path]));
            return (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        }
        catch (Exception e) when (e is IOException or CryptographicException)
        {
            return null;
        }
    }

    private async Task<string?> ReasonAsync(CancellationToken cancellationToken)
    {
        List<PeerView> views = [];
        foreach (PeerWatch watch in workers)
        {
            views.Add(await watch.AskAsync(cancellationToken));
        }

        // a name that gives no answer says nothing of this machine
        PeerView[] good = [.. views.Where(view => view.Good.Count > 0)];
        return good.Length > 0 && !good.Any(view => view.Good.Contains(address))
            ? $"DNS does not name {address} as a worker ("
                + string.Join("; ", good.Select(view => $"{view.Name} {view.Good}"))
                + "); add it there, or shut the machine down if it was taken out on purpose"
            : await OpenRequestAsync(cancellationToken);
    }

    private async Task<string?> OpenRequestAsync(CancellationToken cancellationToken)
    {
        try
        {
            using KubernetesClient client = connect();
            KubernetesList requests = await client.ListAsync(CsrRequest.Resource, "", cancellationToken);
            KubernetesObject? open = requests.Items.FirstOrDefault(item =>
                item.Text("spec", "username") == CsrRule.NodeUserPrefix + node
                    && CsrRequest.IsForKubelets(item)
                    && CsrRequest.IsUndecided(item)
                    && item.Moment("metadata", "creationTimestamp") < now() - _decided);
            return open is null
                ? null
                : $"the masters leave its request {open.Name} alone; 'bootstrapper why' on a master says the reason";
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            return $"the API cannot be asked: {FaultText.Of(e)}";
        }
    }
}
