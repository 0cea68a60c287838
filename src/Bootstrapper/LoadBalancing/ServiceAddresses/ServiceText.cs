using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>Text of users that reaches a console, or a file that a program reads.</summary>
internal static partial class ServiceText
{
    private const int Longest = 63;

    /// <summary>For the console: one line, and short.</summary>
    public static string Quoted(string text) =>
        $"'{JsonValue.Create(text.Length > Longest ? text[..Longest] : text).ToJsonString().Trim('"')}'";

    /// <summary>A name of a namespace or a Service, as the API server takes it.</summary>
    public static bool IsLabel(string text) => Label().IsMatch(text);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Label();
}
