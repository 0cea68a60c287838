using System.Text;
using Images.Baker.Kubernetes.GoBuild;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

/// <summary>diff(1) writes the patches; what it found different must be the same after ours was applied.</summary>
public sealed class UnifiedDiffTests : IDisposable
{
    private const string Name = "the.patch";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_diff_wrote_makes_one_file_into_the_other()
    {
        Random random = new(20);
        for (int round = 0; round < 60; round++)
        {
            string[] before = [.. Enumerable.Range(0, random.Next(1, 80)).Select(_ => $"line {random.Next(12)}")];
            List<string> after = [.. before];
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                int at = random.Next(after.Count + 1);
                if (random.Next(2) == 0 && at < after.Count)
                {
                    after.RemoveAt(at);
                }
                else
                {
                    after.Insert(at, $"new {random.Next(1000)}");
                }
            }

            Write("old/dir/file", before);
            Write("new/dir/file", [.. after]);
            Write("tree/dir/file", before);
            string patch = Diff();
            if (patch.Length > 0 && after.Count > 0)
            {
                Apply(patch);
                File.ReadAllText(_folder["tree/dir/file"]).ShouldBe(File.ReadAllText(_folder["new/dir/file"]), $"round {round}\n{patch}");
            }
        }
    }

    [Fact]
    public void Two_files_and_a_new_one_are_changed_byte_for_byte()
    {
        byte[] odd = [.. "caf\u00e9 "u8, 0xFF, 0xFE, (byte)'\r', (byte)'\n', (byte)'x', (byte)'\n'];
        WriteBytes("old/a", odd);
        WriteBytes("new/a", [.. odd, .. "more\n"u8]);
        Write("old/b", ["one", "two"]);
        Write("new/b", ["one", "2"]);
        Write("new/deep/c", ["fresh"]);
        Copy("old", "tree");
        Apply(Diff());
        File.ReadAllBytes(_folder["tree/a"]).ShouldBe(File.ReadAllBytes(_folder["new/a"]));
        File.ReadAllText(_folder["tree/b"]).ShouldBe("one\n2\n");
        File.ReadAllText(_folder["tree/deep/c"]).ShouldBe("fresh\n");
    }

    [Theory]
    [InlineData("three", "THREE", "'THREE', where the patch expects 'three'")]
    [InlineData("one\n", "", "where the patch expects")]
    public void A_file_that_is_not_as_the_patch_says_is_refused(string text, string replacement, string said)
    {
        Write("old/file", ["one", "two", "three", "four"]);
        Write("new/file", ["one", "two", "three", "4"]);
        Write("tree/file", ["one", "two", "three", "four"]);
        File.WriteAllText(_folder["tree/file"], File.ReadAllText(_folder["tree/file"]).Replace(text, replacement, StringComparison.Ordinal));
        string changed = File.ReadAllText(_folder["tree/file"]);
        MalformedDataException error = Should.Throw<MalformedDataException>(() => Apply(Diff()));
        error.Message.ShouldStartWith("the.patch: at line ");
        error.Message.ShouldContain(said);
        File.ReadAllText(_folder["tree/file"]).ShouldBe(changed);
    }

    [Theory]
    [InlineData("--- a/../../etc/x\n+++ b/../../etc/x\n@@ -0,0 +1 @@\n+x\n", "..")]
    [InlineData("--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n", "..")]
    [InlineData("--- a/file\n+++ b/file\n@@ -1,2 +1,2 @@\n-one\n+1\n", "count")]
    [InlineData("--- a/missing\n+++ b/missing\n@@ -1 +1 @@\n-a\n+b\n", "missing")]
    [InlineData("--- a/file\n+++ b/other\n@@ -1 +1 @@\n-one\n+b\n", "missing, or renamed")]
    [InlineData("--- /dev/null\n+++ b/file\n@@ -0,0 +1 @@\n+b\n", "there already")]
    [InlineData("diff --git a/file b/elsewhere\nrename from file\nrename to elsewhere\n", "renames")]
    [InlineData("just words\n", "changes no file")]
    [InlineData("--- /dev/null\n+++ \n@@ -0,0 +1 @@\n+b\n", "there already")]
    [InlineData("--- /dev/null\n+++ b/file/below\n@@ -0,0 +1 @@\n+b\n", "there already")]
    [InlineData("--- /dev/null\n+++ b/file/far/below\n@@ -0,0 +1 @@\n+b\n", "there already")]
    public void A_broken_or_hostile_patch_is_refused(string patch, string said)
    {
        Write("tree/file", ["one"]);
        Should.Throw<MalformedDataException>(() => Apply(patch)).Message.ShouldContain(said);
        Directory.EnumerateFiles(_folder.FullPath, "*", SearchOption.AllDirectories).ShouldHaveSingleItem();
        File.ReadAllText(_folder["tree/file"]).ShouldBe("one\n");
    }

    [Theory]
    [InlineData(256)]
    [InlineData(128, "é")]
    public void A_name_that_no_file_system_takes_is_refused(int length, string letter = "x") => Should.Throw<MalformedDataException>(
        () => Apply($"--- /dev/null\n+++ b/{string.Concat(Enumerable.Repeat(letter, length))}\n@@ -0,0 +1 @@\n+x\n")).Message.ShouldContain("so long a name");

    private void Apply(string patch) => UnifiedDiff.Apply(patch, Name, _folder["tree"]);

    /// <summary>diff ends with 1 where it found something.</summary>
    private string Diff()
    {
        string patch = _folder["patch"];
        Judge.Try("sh", ["-c", "diff -u -r -N old new > \"$1\"", "sh", patch], input: null, _folder.FullPath).ExitCode.ShouldBeInRange(0, 1);
        return Encoding.Latin1.GetString(File.ReadAllBytes(patch)).Replace("--- old/deep/c\t1970", "--- /dev/null\t1970", StringComparison.Ordinal);
    }

    private void Write(string path, string[] lines) => WriteBytes(path, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))));

    private void WriteBytes(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllBytes(_folder[path], bytes);
    }

    private void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(_folder[from], "*", SearchOption.AllDirectories))
        {
            WriteBytes(Path.Combine(to, Path.GetRelativePath(_folder[from], file)), File.ReadAllBytes(file));
        }
    }
}
