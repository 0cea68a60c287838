namespace Images.Bootstrapper.Pki;

/// <summary>
/// Extended key usages (RFC 5280, 4.2.1.12). A certificate of the authority kubernetes that clients may show makes its
/// holder a user, so one that only servers need is for servers only.
/// </summary>
[Flags]
internal enum CertificateUsage
{
    None = 0,
    Client = 1,
    Server = 2,
}
