using Images.Baker.Containers;
using Images.Baker.Plan;

namespace Images.Baker.Tests.Containers;

/// <summary>The smallest plan that carries one container image.</summary>
internal static class SamplePlan
{
    private const string Text = """
        name: node
        version: 0.1.0
        debian:
          architecture: amd64
          suites: [{ suite: trixie, archive: debian, components: [main], keys: [{ file: keys/a.pgp, fingerprint: 04B54C3CDCA79751B16BC6B5225629DF75B188BD }] }]
        packages: [bash]
        initramfs: { modules: [overlay], packages: [busybox-static] }
        boot: { package: systemd-boot-efi, stub: usr/stub, loader: usr/loader, commandLine: ro }
        sizes: { esp: 512Mi, root: 1Gi, state: 16Mi }
        roles: roles
        outputs: [raw]
        """;

    public static ImagePlan Pulling(string name, string source) => With(new PulledContainerPlan { Name = ContainerReference.TryParse(name)!, Source = ContainerReference.TryParse(source)! });

    public static ImagePlan With(ContainerImagePlan container)
    {
        ImagePlan plan = ImagePlanReader.Parse(Text, "image.yaml", "/repo");
        return plan with { ContainerImages = [container] };
    }
}
