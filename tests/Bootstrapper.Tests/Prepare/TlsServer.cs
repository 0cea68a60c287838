using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Prepare;

/// <summary>An https server on loopback that gives one answer to everybody and remembers who came.</summary>
internal sealed class TlsServer : IDisposable
{
    private readonly bool _staysOpen;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly CancellationTokenSource _stop = new();
    private int _handshakes;

    /// <param name="authority">Of its certificate.</param>
    /// <param name="answer">As in <c>200 OK</c>.</param>
    /// <param name="staysOpen">Whether it answers again over one connection.</param>
    /// <param name="name">In its certificate, beside its address.</param>
    public TlsServer(AuthorityPem authority, string answer, bool staysOpen = false, string name = "localhost")
    {
        (Answer, _staysOpen) = (answer, staysOpen);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        CertificatePlan plan = new()
        {
            Name = "server",
            Authority = ClusterSecrets.Kubernetes,
            Path = "/server",
            CommonName = "server",
            DnsNames = [name],
            Addresses = ["127.0.0.1"],
            Usage = CertificateUsage.Server,
            KeyOwner = "root:root",
        };
        using X509Certificate2 made = CertificateMint.Sign(plan, key, issuer, CertificateLife.Usual, DateTimeOffset.UtcNow);
        _certificate = made.CopyWithPrivateKey(key);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>As in <c>200 OK</c>.</summary>
    public string Answer { get; set; }

    /// <summary>JSON that comes with the answer.</summary>
    public string Body { get; set; } = "";

    /// <summary>What visitors asked, with their headers.</summary>
    public ConcurrentQueue<string> Questions { get; } = new();

    /// <summary>Common name of the certificate that the last visitor showed.</summary>
    public string? Visitor { get; private set; }

    /// <summary>Common name of who signed that.</summary>
    public string? VisitorsAuthority { get; private set; }

    /// <summary>How often somebody connected.</summary>
    public int Handshakes => _handshakes;

    public Uri Url => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/readyz");

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // the test is over
            }
        }
    }

    private async Task AnswerAsync(TcpClient visitor)
    {
        try
        {
            using TcpClient client = visitor;
            await using SslStream stream = new(client.GetStream());
#pragma warning disable CA5359 // who comes is looked at afterwards, by the test
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = _certificate, ClientCertificateRequired = true, RemoteCertificateValidationCallback = (_, _, _, _) => true }, _stop.Token);
#pragma warning restore CA5359
            X509Certificate2? shown = stream.RemoteCertificate as X509Certificate2;
            (Visitor, VisitorsAuthority) = (shown?.GetNameInfo(X509NameType.SimpleName, forIssuer: false), shown?.GetNameInfo(X509NameType.SimpleName, forIssuer: true));
            Interlocked.Increment(ref _handshakes);
            string end = _staysOpen ? "" : "Connection: close\r\n";
            byte[] question = new byte[4096];
            do
            {
                int read = await stream.ReadAsync(question, _stop.Token);
                if (read == 0)
                {
                    break;
                }

                Questions.Enqueue(Encoding.ASCII.GetString(question, 0, read));
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Answer}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n{end}\r\n{Body}"), _stop.Token);
            }
            while (_staysOpen);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            // the visitor did not like our certificate, or the test is over
        }
    }
}
