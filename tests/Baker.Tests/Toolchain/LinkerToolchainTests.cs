using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Baker.Restoring;
using Images.Baker.Tests.Cli;
using Images.Baker.Tests.Sources;
using Images.Baker.Toolchain;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Toolchain;

/// <summary>From packages of an archive to the folder of a linker, by small packages in whose linker's place a script shows its arguments.</summary>
[Collection(SigningCollection.Name)]
public sealed class LinkerToolchainTests : IDisposable
{
    private const string Loader = "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";

    private static readonly string[] _packages = ["binutils-x86-64-linux-gnu", "libc6", "libgcc-14-dev"];

    private readonly FakeArchive _archive;

    public LinkerToolchainTests(SigningHome home)
    {
        _archive = new FakeArchive(home) { Toolchain = _packages };
        Add("binutils-x86-64-linux-gnu", "2.44-3", "usr/bin/x86_64-linux-gnu-ld.bfd", "#!/bin/false\n");
        Add("libc6", "2.41-12", Loader, "#!/bin/sh\nprintf '%s\\n' \"$@\"\necho \"env:${LD_RUN_PATH-}${LD_LIBRARY_PATH-}${LDEMULATION-}\"\n");
        Add("libgcc-14-dev", "14.2.0-19", "usr/lib/gcc/x86_64-linux-gnu/14/libgcc.a", "!<arch>\n");
        _archive.Publish();
    }

    public void Dispose() => _archive.Dispose();

    [Fact]
    public async Task The_pinned_packages_and_no_dependency_of_theirs_are_unpacked_once_and_then_asked_of_nobody()
    {
        ImageLock made = await _archive.LockAsync(_archive.Plan());
        made.Toolchain.Select(package => $"{package.Name} {package.Version}").ShouldBe(["binutils-x86-64-linux-gnu 2.44-3", "libc6 2.41-12", "libgcc-14-dev 14.2.0-19"]);
        made.Packages.ShouldNotContain(package => _packages.Contains(package.Name), "nothing of it goes into the image");

        string folder = await ObtainAsync(made);
        File.ReadAllLines(Path.Combine(folder, LinkerToolchain.PackageList)).ShouldBe(["binutils-x86-64-linux-gnu=2.44-3", "libc6=2.41-12", "libgcc-14-dev=14.2.0-19"]);
        File.Exists(Path.Combine(folder, "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")).ShouldBeTrue("/lib leads to /usr/lib");
        _archive.Server.Files.Clear();
        Directory.Delete(Path.Combine(_archive.CacheFolder, "sha256"), recursive: true);
        (await ObtainAsync(made)).ShouldBe(folder);
    }

    [Fact]
    public async Task NETs_words_become_the_linker_s_in_their_order_and_the_environment_s_do_not_reach_it()
    {
        string folder = await ObtainAsync(await _archive.LockAsync(_archive.Plan()));
        string[] words = ["-o", "a b", "x.o", "-gz=zlib", "-fuse-ld=bfd", "/lib.a", "-Wl,--strip-all,-z,now", "-pthread", "-ldl", "-pie"];
        Dictionary<string, string> environment = new() { ["LD_RUN_PATH"] = "/run", ["LDEMULATION"] = "elf_i386", ["PATH"] = "/nowhere" };
        JudgeResult said = Judge.Try(Path.Combine(folder, LinkerToolchain.Command), words, input: null, folder, environment);
        said.ExitCode.ShouldBe(0, said.Error);
        string[] lines = said.Output.TrimEnd('\n').Split('\n');
        lines.ShouldContain($"--sysroot={folder}");
        int start = Array.IndexOf(lines, "-o");
        lines[start..(start + 9)].ShouldBe(["-o", "a b", "x.o", "/lib.a", "--strip-all", "-z", "now", "-ldl", "-pie"]);
        lines[^1].ShouldBe("env:");
    }

    [Fact]
    public async Task A_word_that_the_linker_s_command_does_not_know_is_named_and_nothing_is_linked()
    {
        string folder = await ObtainAsync(await _archive.LockAsync(_archive.Plan()));
        JudgeResult said = Judge.Try(Path.Combine(folder, LinkerToolchain.Command), "-o", "program", "-flto");
        said.ExitCode.ShouldBe(2);
        said.Error.ShouldContain("'-flto' is not known here");
        said.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_package_that_calls_itself_otherwise_than_the_lock_is_not_unpacked()
    {
        ImageLock made = await _archive.LockAsync(_archive.Plan());
        made = made with { Toolchain = [.. made.Toolchain.Select(package => package.Name == "libc6" ? package with { Version = "2.42" } : package)] };
        BakeException refused = await Should.ThrowAsync<BakeException>(() => ObtainAsync(made));
        refused.Message.ShouldStartWith("BAKE0353  libc6_2.41-12_amd64.deb  The lock calls it libc6 2.42 amd64; it calls itself libc6 2.41-12 amd64.");
    }

    [Fact]
    public async Task A_file_that_was_changed_since_is_unpacked_again()
    {
        ImageLock made = await _archive.LockAsync(_archive.Plan());
        string file = Path.Combine(await ObtainAsync(made), "usr/lib/gcc/x86_64-linux-gnu/14/libgcc.a");
        File.AppendAllText(file, "!");
        await ObtainAsync(made);
        File.ReadAllText(file).ShouldBe("!<arch>\n");
        _archive.Notices.ShouldContain(notice => notice.Contains("The files of the linker in the cache are damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Asked_for_anew_a_file_planted_with_its_digest_is_replaced_and_a_sound_folder_stays_in_use()
    {
        ImageLock made = await _archive.LockAsync(_archive.Plan());
        string folder = await ObtainAsync(made), file = Path.Combine(folder, "usr/lib/gcc/x86_64-linux-gnu/14/libgcc.a");
        DateTime since = Directory.GetCreationTimeUtc(folder);
        await ObtainAsync(made, anew: true);
        Directory.GetCreationTimeUtc(folder).ShouldBe(since);

        string sums = Path.Combine(folder, BuiltPrograms.DigestFile);
        string planted = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("planted"u8)), genuine = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
        File.WriteAllText(file, "planted");
        File.WriteAllText(sums, File.ReadAllText(sums).Replace(genuine, planted, StringComparison.Ordinal));
        await ObtainAsync(made);
        File.ReadAllText(file).ShouldBe("planted", "the folder vouches for itself");
        await ObtainAsync(made, anew: true);
        File.ReadAllText(file).ShouldBe("!<arch>\n");
    }

    [Fact]
    public async Task Where_a_pinned_package_is_gone_a_later_one_is_taken_and_said_and_who_insists_on_the_lock_gets_none()
    {
        ImageLock made = await _archive.LockAsync(_archive.Plan());
        _archive.Server.Files.TryRemove(_archive.Debs["libc6"], out _);
        Add("libc6", "2.41-13", Loader, "#!/bin/sh\n");
        _archive.Publish(date: "Sun, 13 Sep 2026 07:55:41 UTC");

        BakeException refused = await Should.ThrowAsync<BakeException>(() => ObtainAsync(made, insist: true));
        refused.Code.ShouldBe("BAKE0333");
        refused.Message.ShouldContain("libc6_2.41-12_amd64.deb");
        File.ReadAllLines(Path.Combine(await ObtainAsync(made), LinkerToolchain.PackageList)).ShouldContain("libc6=2.41-13");
        _archive.Notices.ShouldContain("  libc6: 2.41-12 -> 2.41-13");
    }

    [Fact]
    public async Task Packages_without_a_linker_and_a_plan_that_names_none_are_refused_and_leave_nothing()
    {
        _archive.Toolchain = ["libc6"];
        (await Should.ThrowAsync<BakeException>(async () => await ObtainAsync(await _archive.LockAsync(_archive.Plan())))).Code.ShouldBe("BAKE0375");
        Directory.EnumerateDirectories(Path.Combine(_archive.CacheFolder, "built")).ShouldBeEmpty();
        _archive.Toolchain = [];
        (await Should.ThrowAsync<BakeException>(async () => await ObtainAsync(await _archive.LockAsync(_archive.Plan())))).Code.ShouldBe("BAKE0375");
    }

    [Fact]
    public async Task A_lock_of_another_linker_than_the_plan_s_is_refused()
    {
        ImageLock made = await _archive.LockAsync(_archive.Plan());
        _archive.Toolchain = ["libc6"];
        (await Should.ThrowAsync<BakeException>(() => ObtainAsync(made))).Code.ShouldBe("BAKE0302");
    }

    [Fact]
    public async Task What_nothing_has_linked_with_for_long_goes_with_the_cache_s_sweep()
    {
        string folder = await ObtainAsync(await _archive.LockAsync(_archive.Plan()));
        File.SetLastWriteTimeUtc(Path.Combine(folder, BuiltPrograms.DigestFile), DateTime.UnixEpoch);
        BuiltPrograms.RemoveUnused(_archive.CacheFolder, DateTime.UnixEpoch.AddYears(1));
        Directory.Exists(folder).ShouldBeFalse();
    }

    private void Add(string name, string version, string path, string text)
    {
        FileTreeBuilder files = new(0);
        files.AddText(path, text, 0b111_101_101);
        string control = $"Package: {name}\nVersion: {version}\nArchitecture: amd64\n";
        byte[] deb = SampleDeb.Of(control, "data.tar.gz", SampleDeb.Gzip(SampleDeb.DataTar(files.Nodes)));
        _archive.Add(name, version, $"pool/main/{name}/{name}_{version}_amd64.deb", deb, "Depends: not-there");
    }

    private async Task<string> ObtainAsync(ImageLock imageLock, bool insist = false, bool anew = false)
    {
        using Restorer session = _archive.Session();
        ToolchainRequest request = new() { Plan = _archive.Plan(), PlanName = "image.yaml", Lock = imageLock, LockName = "image.lock.json", InsistOnLock = insist, Anew = anew };
        return await session.Toolchain.ObtainAsync(request, _archive.Notices.Add, CancellationToken.None);
    }
}
