using System.Net.Security;

namespace Images.Bootstrapper.Kubernetes.NodeRoles;

/// <summary>The server by whose certificate a machine of a role is known.</summary>
/// <param name="Port">Where it listens.</param>
/// <param name="Tls">For a connection to an address, which the certificate must bear.</param>
/// <param name="Name">
/// Stands in each such certificate, and in no other of its authority: no Node may be called so
/// (<see cref="Approval.ReservedNames"/>).
/// </param>
internal sealed record RoleServer(int Port, Func<string, SslClientAuthenticationOptions> Tls, string Name);
