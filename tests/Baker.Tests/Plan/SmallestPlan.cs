namespace Images.Baker.Tests.Plan;

/// <summary>What every plan must say, so that a test adds only what it is about.</summary>
internal static class SmallestPlan
{
    /// <summary>Eleven lines, the last with its line end.</summary>
    public const string Text = """
        name: node
        version: 0.1.0
        debian:
          architecture: amd64
          suites: [{ suite: trixie, archive: debian, components: [main], keys: [{ file: keys/a.pgp, fingerprint: 04B54C3CDCA79751B16BC6B5225629DF75B188BD }] }]
        packages: [systemd]
        initramfs: { modules: [overlay], packages: [busybox-static] }
        boot: { package: systemd-boot-efi, stub: usr/stub, loader: usr/loader, commandLine: ro }
        sizes: { esp: 512Mi, root: 1Gi, state: 16Mi }
        roles: roles
        outputs: [raw]

        """;
}
