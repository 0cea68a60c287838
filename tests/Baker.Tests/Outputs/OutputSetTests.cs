using Images.Baker.Outputs;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Outputs;

public sealed class OutputSetTests : IDisposable
{
    private static readonly string[] _names = ["a.json", "b.json", "disk.raw"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void New_files_replace_older_ones_and_nothing_else_is_left()
    {
        Put("older", _names);
        Put("left by a bake that was killed", ["disk.raw.previous"]);
        OutputSet.Publish(Partials());
        Contents().ShouldBe(["a.json: new", "b.json: new", "disk.raw: new"]);
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("b.json")]
    [InlineData("disk.raw")]
    public void A_name_that_cannot_be_had_leaves_the_older_files_and_no_new_one(string taken)
    {
        Put("older", _names.Where(name => name != taken));
        Directory.CreateDirectory(_folder[$"out/{taken}/in-the-way"]);
        Should.Throw<ContentException>(() => OutputSet.Publish(Partials())).Place.ShouldBe(_folder[$"out/{taken}"]);
        Contents().ShouldBe(_names.Where(name => name != taken).Select(name => $"{name}: older"));
    }

    [Theory]
    [InlineData("a.json")]
    [InlineData("b.json")]
    [InlineData("disk.raw")]
    public void A_bake_without_predecessor_that_fails_leaves_nothing(string missing)
    {
        OutputName[] files = Partials();
        File.Delete(_folder[$"out/{missing}.partial"]);
        Should.Throw<ContentException>(() => OutputSet.Publish(files));
        Contents().ShouldBeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private void Put(string content, IEnumerable<string> names)
    {
        Directory.CreateDirectory(_folder["out"]);
        foreach (string name in names)
        {
            File.WriteAllText(_folder[$"out/{name}"], content);
        }
    }

    private OutputName[] Partials()
    {
        Put("new", _names.Select(name => $"{name}.partial"));
        return [.. _names.Select(name => new OutputName(_folder[$"out/{name}.partial"], _folder[$"out/{name}"]))];
    }

    private IEnumerable<string> Contents() =>
        Directory.EnumerateFiles(_folder["out"]).Order(StringComparer.Ordinal).Select(path => $"{Path.GetFileName(path)}: {File.ReadAllText(path)}");
}
