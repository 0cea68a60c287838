namespace Images.Bootstrapper.Etcd;

/// <summary>etcd could not be reached through its gateway, or said no; the message is its own.</summary>
internal sealed class EtcdGatewayException(string message, Exception? inner = null) : Exception(message, inner);
