using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// What was thrown, in words for a console. The program carries no texts of .NET (UseSystemResourceKeys), so most of
/// .NET's own messages are names of texts; those of the kernel and ours are words.
/// </summary>
internal static partial class FaultText
{
    public static string Of(Exception fault) => fault switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder",
        UnauthorizedAccessException when NameOfText().IsMatch(fault.Message) =>
            "permission denied, or a folder stands there",
        PathTooLongException => "the path is too long",
        HttpRequestException request => OfRequest(request),
        AuthenticationException => "TLS is not spoken there, or in a way that this image does not take",
        _ when NameOfText().IsMatch(fault.Message) => $"a fault of the kind {fault.GetType().Name}",
        _ => fault.Message,
    };

    private static string OfRequest(HttpRequestException fault) => fault switch
    {
        { InnerException: SocketException socket } => socket.Message,
        { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: { } inner } => Of(inner),
        { HttpRequestError: HttpRequestError.ResponseEnded }
            or { InnerException: HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded } } =>
            "the connection ended before the answer did",
        { HttpRequestError: HttpRequestError.InvalidResponse } or { InnerException: HttpIOException } =>
            "what answers there is not HTTP, or is broken",
        { InnerException: { } inner } => Of(inner),
        _ when NameOfText().IsMatch(fault.Message) => "the request failed",
        _ => fault.Message,
    };

    /// <summary>One word, and after a comma what would have been put into the text.</summary>
    [GeneratedRegex(@"\A\w+(?:,|\z|\.\z| \()", RegexOptions.CultureInvariant)]
    private static partial Regex NameOfText();
}
