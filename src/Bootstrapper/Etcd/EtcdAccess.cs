using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Etcd;

/// <summary>Opens the gateway of a member by its address, as a holder of an etcd-client certificate.</summary>
internal sealed class EtcdAccess(
    MutualTls tls, KeptConnections connections, Func<string, string>? clientUrl = null, TimeSpan? patience = null)
{
    /// <param name="address">Perhaps one that another member says.</param>
    /// <exception cref="IOException">The certificate is not there (yet).</exception>
    /// <exception cref="EtcdGatewayException">Nobody can be at such an address.</exception>
    public EtcdGateway Connect(string address)
    {
        string url = (clientUrl ?? EtcdPaths.ClientUrl)(address);
        return Uri.TryCreate(url, UriKind.Absolute, out _)
            ? new EtcdGateway(url, tls, connections, patience)
            : throw new EtcdGatewayException($"'{address}' is no address");
    }

    /// <summary>A member by its URL.</summary>
    /// <exception cref="IOException">The certificate is not there (yet).</exception>
    public EtcdGateway At(string url) => new(url, tls, connections, patience);

    /// <summary>That URL is not asked again.</summary>
    public void Forget(string url) => connections.Forget(url);
}
