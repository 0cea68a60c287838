using Images.TestSupport;

namespace Images.Bench;

/// <summary>The whole of <c>./build.sh</c> after a change to a role file, in a copy of the checkout that has been built before.</summary>
internal sealed class BuildBench(string repository, string work)
{
    public Measured Run()
    {
        string checkout = Path.Combine(work, "checkout"), log = Path.Combine(work, "build.log");
        Judge.Run("rm", "-rf", checkout);
        Directory.CreateDirectory(checkout);
        Judge.Run("sh", "-c", $"tar -C '{repository}' -c --no-wildcards-match-slash --exclude=./artifacts --exclude=./.git --exclude='./*/*/bin' --exclude='./*/*/obj' . | tar -C '{checkout}' -x");

        // into a file: the compiler's server outlives the build and would hold a pipe open
        string[] build = ["bash", "-c", $"'{checkout}/build.sh' --kubernetes debian > '{log}' 2>&1"];
        Timed.Seconds(build);
        double[] seconds = [.. Enumerable.Range(1, 3).Select(change =>
        {
            PublishedBaker.ChangeARole(checkout, change);
            return Timed.Seconds(build);
        })];
        Judge.Run("rm", "-rf", checkout);
        return Measured.Seconds("the whole of `./build.sh --kubernetes debian` after a change to a role file", Timed.Median(seconds),
            "median of three, in a copy of the checkout that was built just before: Cake, restore, build, both publishes and the warm bake of the default image");
    }
}
