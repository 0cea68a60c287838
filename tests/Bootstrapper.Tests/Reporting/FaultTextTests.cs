using System.ComponentModel;
using System.Formats.Asn1;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Reporting;

/// <summary>The messages are what .NET puts in place of its texts when a program carries none.</summary>
public sealed partial class FaultTextTests
{
    public static TheoryData<Exception, string> Faults => new()
    {
        { new FileNotFoundException("IO_FileNotFound_FileName, /x"), "there is no such file or folder" },
        {
            new UnauthorizedAccessException("UnauthorizedAccess_IODenied_Path, /x"),
            "permission denied, or a folder stands there"
        },
        { new IOException("No space left on device : '/x'"), "No space left on device : '/x'" },
        { new IOException("IO_FileExists_Name, /x"), "it cannot be read or written" },
        { new EndOfStreamException("IO_EOF_ReadBeyondEOF"), "it ends too early" },
        {
            new Win32Exception(2, "ErrorStartingProcess, ctr, /, No such file or directory"),
            "No such file or directory"
        },
        { new IOException("net_io_readfailure", new SocketException(104)), "Connection reset by peer" },
        { new HttpRequestException("net_http_client_execution_error", new SocketException(111)), "Connection refused" },
        {
            new HttpRequestException(
                HttpRequestError.SecureConnectionError, "net_http_ssl_connection_failed",
                new AuthenticationException("net_ssl_io_cert_validation, UntrustedRoot")),
            "TLS is not spoken there, or in a way that this image does not take"
        },
        { new CryptographicException("Cryptography_Der_Invalid_Encoding"), "it is damaged, or of a form that is not taken" },
        { new AsnContentException("ContentException_DefaultMessage"), "it is damaged, or of a form that is not taken" },
        { new FormatException("Format_BadBase64Char"), "it is not of the form that is expected there" },
        { new KeyNotFoundException("Arg_KeyNotFoundWithKey, header"), "it is not of the form that is expected there" },
        {
            new ArgumentException("Argument_InvalidOidValue Arg_ParamName_Name, value"),
            "a fault of the kind ArgumentException"
        },
        { new InvalidDataException("the reply has no addresses"), "the reply has no addresses" },
        {
            new JsonException("ExpectedStartOfValueNotFound, x Path: $ | LineNumber: 0", "$", 0, 4),
            "it is not the JSON that is expected there, line 1, byte 5"
        },
        { new JsonException("not a JSON object"), "not a JSON object" },
        { new KubernetesApiException(401, "Unauthorized"), "Unauthorized" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_said_in_words(Exception fault, string words)
    {
        string said = FaultText.Of(fault);
        said.ShouldBe(words);
        NameOfText().IsMatch(said).ShouldBeFalse();
    }

    [GeneratedRegex("[A-Za-z]+_[A-Za-z_]+")]
    private static partial Regex NameOfText();
}
