using Images.Baker.Kubernetes;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.Kubernetes;

/// <summary>Which Go modules are in programs: by what Go's linker wrote into them, and by what their sources vendor.</summary>
public sealed class GoModulesTests
{
    private const string Modules = "path\tk8s.io/kubernetes/cmd/kubelet\nmod\tk8s.io/kubernetes\t(devel)\t\n"
        + "dep\tgithub.com/a/one\tv1.2.3\th1:x=\n"
        + "dep\tgithub.com/b/two\tv1.0.0\n=>\tgithub.com/fork/two\tv1.0.1\th1:y=\n"
        + "dep\tk8s.io/api\tv0.0.0\n=>\t./staging/src/k8s.io/api\t(devel)\t\n"
        + "build\t-compiler=gc\n";

    private static readonly string[] _expected = ["github.com/a/one v1.2.3", "github.com/fork/two v1.0.1"];

    public static TheoryData<string, byte[]> Programs => new()
    {
        { "since Go 1.18", SampleGoProgram.Inline("go1.26.1", Modules) },
        { "before it", SampleGoProgram.ByPointers("go1.26.1", Modules) },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_names_its_modules_and_the_go_that_made_it(string form, byte[] program)
    {
        GoBuildInfo info = GoBuildInfo.TryRead(program, form).ShouldNotBeNull();
        info.GoVersion.ShouldBe("go1.26.1");
        GoModules.OfBuildInfo(info.Modules).Select(module => $"{module.Path} {module.Version}").ShouldBe(_expected);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_cut_off_or_changed_anywhere_is_read_or_refused_by_name(string form, byte[] program)
    {
        for (int length = 0; length < program.Length; length++)
        {
            OnlyRefuses(program[..length], form);
        }

        foreach (byte value in (byte[])[0x00, 0x7F, 0x80, 0xFF])
        {
            for (int place = 0; place < program.Length; place++)
            {
                byte[] changed = [.. program];
                changed[place] = value;
                OnlyRefuses(changed, form);
            }
        }
    }

    [Fact]
    public void A_program_without_modules_has_its_go_alone_and_another_s_linker_says_nothing()
    {
        GoBuildInfo info = GoBuildInfo.TryRead(SampleGoProgram.Inline("go1.15", ""), "program").ShouldNotBeNull();
        info.ShouldBe(new GoBuildInfo("go1.15", ""));
        GoBuildInfo.TryRead(SampleKubernetes.Program("kubelet", "1.29.3"), "program").ShouldBeNull();
        GoBuildInfo.TryRead(SampleGoProgram.Assemble(_ => new byte[64]), "program").ShouldBeNull();
    }

    [Fact]
    public void A_program_of_debian_s_says_which_go_made_it()
    {
        string etcd = Judge.Find("etcd");
        GoBuildInfo.TryRead(File.ReadAllBytes(etcd), etcd).ShouldNotBeNull().GoVersion.ShouldMatch(@"\Ago1\.[0-9]+");
    }

    [Fact]
    public void Vendored_modules_count_where_a_package_of_theirs_is_there()
    {
        const string Vendor = """
            # bitbucket.org/a/systemstat v0.0.0-20180207000608-0eeff89b0690 => bitbucket.org/a/systemstat v0.0.0-20180207000608-0eeff89b0690
            ## explicit
            bitbucket.org/a/systemstat
            # cloud.google.com/go v0.54.0 => cloud.google.com/go v0.54.0
            # github.com/a/one v1.2.3
            github.com/a/one
            github.com/a/one/more
            # k8s.io/api v0.0.0 => ./staging/src/k8s.io/api
            ## explicit
            k8s.io/api/core/v1
            # github.com/b/two => github.com/fork/two v1.0.1
            """;
        GoModules.OfVendor(Vendor).Select(module => $"{module.Path} {module.Version}")
            .ShouldBe(["bitbucket.org/a/systemstat v0.0.0-20180207000608-0eeff89b0690", "github.com/a/one v1.2.3"]);
    }

    [Fact]
    public void What_the_image_keeps_is_sorted_each_module_once()
    {
        GoModule one = new("github.com/Azure/x", "v1"), two = new("a", "v2+incompatible");
        GoModules.Read(GoModules.Write([one, two, one])).ShouldBe([two, one]);
        one.ToPart().PackageUrl.ShouldBe("pkg:golang/github.com/Azure/x@v1");
        two.ToPart().PackageUrl.ShouldBe("pkg:golang/a@v2%2Bincompatible");
    }

    private static void OnlyRefuses(byte[] program, string name)
    {
        try
        {
            _ = GoModules.OfBuildInfo(GoBuildInfo.TryRead(program, name)?.Modules ?? "").Count();
        }
        catch (MalformedDataException)
        {
            // the one declared
        }
    }
}
