using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Etcd;

/// <summary>Opens the gateway of a member by its address, as a holder of an etcd-client certificate.</summary>
internal sealed class EtcdAccess(MutualTls tls, KeptConnections connections, Func<string, string>? clientUrl = null)
{
    /// <exception cref="IOException">The certificate is not there (yet).</exception>
    public EtcdGateway Connect(string address) => new((clientUrl ?? EtcdPaths.ClientUrl)(address), tls, connections);
}
