using System.Security.Cryptography;
using Images.Bootstrapper.Reporting;
using Images.Formats;
using Images.NodeConfig;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Where an upgrade is read from: standard input, a file, or a web server that nobody has to trust.</summary>
internal sealed class UpgradeSource : IDisposable
{
    private const string FromInput = "-";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Stream _inner;
    private readonly HttpClient? _client;
    private readonly string? _promised;
    private readonly DigestingStream _stream;

    private UpgradeSource(Stream inner, HttpClient? client, string name, string? promised)
    {
        _inner = inner;
        _client = client;
        _promised = promised;
        _stream = new DigestingStream(inner);
        Name = name;
    }

    /// <summary>For messages.</summary>
    public string Name { get; }

    public Stream Stream => _stream;

    /// <param name="place"><c>-</c>, a path, or a URL.</param>
    /// <param name="sha256">Of the whole; null for none, which a URL may not be.</param>
    /// <param name="isSigned">Whether a signature is asked for afterwards; then a URL needs no digest.</param>
    /// <exception cref="BootFailure">It cannot be opened.</exception>
    public static UpgradeSource Open(string place, string? sha256, bool isSigned = false)
    {
        if (sha256 is not null && (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower)))
        {
            throw new BootFailure(
                "NODE0809", "--sha256", "it is not 64 digits of lower-case hexadecimal",
                "give what 'sha256sum FILE' prints");
        }

        bool isUrl = place.Contains("://", StringComparison.Ordinal);
        if (isUrl && sha256 is null && !isSigned)
        {
            throw new BootFailure(
                "NODE0809", ShownUrl.Of(place), "what a server sends is taken by its digest alone",
                "add --sha256 with what 'sha256sum FILE' prints of the file you mean");
        }

        return isUrl ? Download(place, sha256)
            : place == FromInput
                ? new UpgradeSource(Console.OpenStandardInput(), client: null, "standard input", sha256)
                : OpenFile(place, sha256);
    }

    /// <summary>Reads what is left and compares the digest of all.</summary>
    /// <exception cref="MalformedDataException">It is another.</exception>
    public void RequirePromised()
    {
        string found = _stream.Finish();
        if (_promised is not null && found != _promised)
        {
            throw new MalformedDataException(
                Name, -1, $"the SHA-256 of the whole is {found}, and {_promised} was asked for.");
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _inner.Dispose();
        _client?.Dispose();
    }

    private static UpgradeSource OpenFile(string path, string? sha256)
    {
        try
        {
            return new UpgradeSource(File.OpenRead(path), client: null, path, sha256);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BootFailure("NODE0809", path, FaultText.Of(e), "name a file that can be read");
        }
    }

    private static UpgradeSource Download(string address, string? sha256)
    {
        string shown = ShownUrl.Of(address);
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new BootFailure("NODE0809", shown, "it is no URL of http or https", "give one of these");
        }

#pragma warning disable CA2000 // the client owns it
        HttpClient client = new(
            new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, ConnectTimeout = _patience })
#pragma warning restore CA2000
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, uri);
            using CancellationTokenSource headers = new(_patience);
            HttpResponseMessage response = client.Send(
                request, HttpCompletionOption.ResponseHeadersRead, headers.Token);
            if (response.StatusCode != System.Net.HttpStatusCode.OK)
            {
                throw new HttpRequestException(
                    $"the server answers {(int)response.StatusCode}; a redirect is not followed");
            }

            return new UpgradeSource(
                new PatientStream(response.Content.ReadAsStream(), _patience), client, shown, sha256);
        }
        catch (OperationCanceledException)
        {
            client.Dispose();
            throw new BootFailure(
                "NODE0809", shown, $"the server has not answered within {_patience.TotalSeconds:0} s",
                "see that the server has the file and try again");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            client.Dispose();
            throw new BootFailure("NODE0809", shown, FaultText.Of(e), "see that the server has the file and try again");
        }
    }

    /// <summary>Forwards, with the digest of what has passed.</summary>
    private sealed class DigestingStream(Stream inner) : ReadOnlyStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        /// <summary>More than this behind an archive's end is no padding.</summary>
        private const int MostBehind = 1 << 20;

        public string Finish()
        {
            byte[] rest = new byte[4096];
            for (int behind = 0, count; (count = TakeBytes(rest)) > 0 && behind < MostBehind;)
            {
                behind += count;
            }

            return Convert.ToHexStringLower(_hash.GetCurrentHash());
        }

        protected override int TakeBytes(Span<byte> buffer)
        {
            int count = inner.Read(buffer);
            _hash.AppendData(buffer[..count]);
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _hash.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
