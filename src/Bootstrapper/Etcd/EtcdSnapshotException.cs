namespace Images.Bootstrapper.Etcd;

/// <summary>A snapshot cannot be made, or is none that a cluster could be restored from.</summary>
internal sealed class EtcdSnapshotException(string message, Exception? inner = null) : Exception(message, inner);
