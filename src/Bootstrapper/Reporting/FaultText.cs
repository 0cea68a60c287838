using System.ComponentModel;
using System.Formats.Asn1;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
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
        { } own when IsOurs(own) => own.Message,
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder",
        UnauthorizedAccessException when IsNameOfText(fault.Message) =>
            "permission denied, or a folder stands there",
        PathTooLongException => "the path is too long",
        HttpRequestException request => OfRequest(request),
        SocketException socket => socket.Message, // the kernel's
        // what starts a program puts the kernel's words into a text of its own
        Win32Exception { NativeErrorCode: > 0 } system => Marshal.GetPInvokeErrorMessage(system.NativeErrorCode),
        IOException { InnerException: SocketException socket } => socket.Message,
        AuthenticationException => "TLS is not spoken there, or in a way that this image does not take",
        JsonException json => OfJson(json),
        CryptographicException or AsnContentException when IsNameOfText(fault.Message) =>
            "it is damaged, or of a form that is not taken",
        FormatException or KeyNotFoundException or InvalidDataException or OverflowException
            when IsNameOfText(fault.Message) => "it is not of the form that is expected there",
        TimeoutException when IsNameOfText(fault.Message) => "no answer in time",
        EndOfStreamException when IsNameOfText(fault.Message) => "it ends too early",
        IOException when IsNameOfText(fault.Message) => "it cannot be read or written",
        _ when IsNameOfText(fault.Message) => $"a fault of the kind {fault.GetType().Name}",
        _ => fault.Message,
    };

    /// <summary>Words, and some of them, as "Unauthorized", look like names of texts.</summary>
    private static bool IsOurs(Exception fault) =>
        fault.GetType().Namespace is { } place
            && (place == "Images" || place.StartsWith("Images.", StringComparison.Ordinal));

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
        _ when IsNameOfText(fault.Message) => "the request failed",
        _ => fault.Message,
    };

    /// <summary>Not the place by names: they are the document's, and a document may be another machine's.</summary>
    private static string OfJson(JsonException fault) => fault switch
    {
        { LineNumber: long line, BytePositionInLine: long position } =>
            $"it is not the JSON that is expected there, line {line + 1}, byte {position + 1}",
        _ when IsNameOfText(fault.Message) => "it is not the JSON that is expected there",
        _ => fault.Message,
    };

    private static bool IsNameOfText(string message) => NameOfText().IsMatch(message);

    /// <summary>
    /// One word, and after a comma what would have been put into the text; an argument's name comes after a blank, by a
    /// name of its own.
    /// </summary>
    [GeneratedRegex(@"\A\w+(?:,|\z|\.\z| \(| \w+_\w+,)", RegexOptions.CultureInvariant)]
    private static partial Regex NameOfText();
}
