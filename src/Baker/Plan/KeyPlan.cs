namespace Images.Baker.Plan;

internal sealed record KeyPlan
{
    /// <summary>Full path of an OpenPGP certificate, binary or armored.</summary>
    public required string File { get; init; }

    /// <summary>Fingerprint of the certificate's primary key: 40 upper-case hexadecimal digits.</summary>
    public required string Fingerprint { get; init; }
}
