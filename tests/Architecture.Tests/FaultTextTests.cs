using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.Architecture.Tests;

/// <summary>
/// The node's program carries no texts of .NET, so an exception of .NET has the name of a text for a message. Consoles
/// get FaultText's words; the message itself is only for exceptions that we throw.
/// </summary>
public sealed partial class FaultTextTests
{
    /// <summary>Exceptions whose messages are ours, each of them words.</summary>
    private static readonly string[] _own =
    [
        "BootFailure", "ConfigurationException", "EtcdGatewayException", "KubernetesApiException",
        "MalformedDataException",
    ];

    /// <summary>Places that take messages of others, and why they may.</summary>
    private static readonly Dictionary<string, string> _allowed = new(StringComparer.Ordinal)
    {
        ["Reporting/FaultText.cs"] = "it is what makes words of them",
        ["BootFailure.cs"] = "whoever calls it has a BootFailure or a ConfigurationException",
    };

    [Fact]
    public void No_message_of_an_exception_of_NET_is_shown()
    {
        string folder = Path.Combine(Checkout.Folder, "src", "Bootstrapper");
        string[] files = [.. Sources.Files.Where(path => path.StartsWith(folder, StringComparison.Ordinal))];
        files.Length.ShouldBeGreaterThan(200);
        Dictionary<string, string[]> raw = files
            .Select(path => (Name: Path.GetRelativePath(folder, path), Places: Raw(File.ReadAllText(path)).ToArray()))
            .Where(file => file.Places.Length > 0)
            .ToDictionary(file => file.Name, file => file.Places, StringComparer.Ordinal);
        raw.Where(file => !_allowed.ContainsKey(file.Key))
            .SelectMany(file => file.Value.Select(place => $"{file.Key}: {place}"))
            .ShouldBeEmpty("use FaultText.Of");
        _allowed.Keys.Except(raw.Keys, StringComparer.Ordinal)
            .ShouldBeEmpty("listed places that are gone: take them off the list");
    }

    [Theory]
    [InlineData("catch (IOException e) { Say(e.Message); }", "e.Message of IOException")]
    [InlineData("catch (Exception e) when (e is IOException) { Say(e.Message); }", "e.Message of IOException")]
    [InlineData(
        "catch (Exception e) when (e is KubernetesApiException\n  or IOException) { Say($\"it: {e.Message}\"); }",
        "e.Message of KubernetesApiException or IOException")]
    [InlineData("catch (BootFailure e) { Say(e.InnerException?.Message); }", "e.InnerException.Message of BootFailure")]
    [InlineData("void Say(Exception fault) => Say(fault.Message);", "fault.Message of Exception")]
    [InlineData("_ when NotFound(e2) => e2.Message", "e2.Message of something")]
    [InlineData("catch (BootFailure e) { } catch (IOException e) { Say(e.Message); }", "e.Message of IOException")]
    [InlineData("catch (KubernetesApiException e) when (e.Status != 0) { Say(e.Message); }", null)]
    [InlineData("catch (Exception e) when (e is BootFailure or ConfigurationException) { Say(e.Message); }", null)]
    [InlineData("void Fail(BootFailure failure) => Say(failure.Message);", null)]
    [InlineData("catch (IOException e) { Say(FaultText.Of(e)); } // not e.Message", null)]
    public void A_message_is_seen_where_its_exception_is_not_ours(string code, string? place) =>
        Raw(code).ShouldBe(place is null ? [] : [place]);

    private static IEnumerable<string> Raw(string text)
    {
        string code = Comments().Replace(text, "");
        foreach (Match use in Messages().Matches(code))
        {
            string type = TypeOf(use.Groups[1].Value, code[..use.Index]);
            bool isInner = use.Groups[2].Success;
            if (isInner || !type.Split(" or ").All(name => _own.Contains(name, StringComparer.Ordinal)))
            {
                yield return $"{use.Groups[1].Value}{(isInner ? ".InnerException" : "")}.Message of {type}";
            }
        }
    }

    /// <summary>The last one that the variable was declared with; narrowed by what a filter says of it.</summary>
    private static string TypeOf(string variable, string before)
    {
        Match declared = Regex.Match(
            before,
            $@"\b(\w+) {variable}\b(?=[),\s])(?:\)\s*when \({variable} is ((?:\w+(?:\s+or\s+)?)+)\))?",
            RegexOptions.RightToLeft);
        return !declared.Success ? "something"
            : declared.Groups[2].Success ? Blanks().Replace(declared.Groups[2].Value, " ")
            : declared.Groups[1].Value;
    }

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\b(\w+)(\??\.InnerException)?[?!]?\.Message\b")]
    private static partial Regex Messages();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
