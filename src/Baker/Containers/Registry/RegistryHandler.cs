using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;

namespace Images.Baker.Containers.Registry;

/// <summary>
/// What every request to a registry may need on its way: a token, and to be sent on to where the bytes lie. A token
/// goes to the registry that asked for it and never to where that sends us on to.
/// </summary>
internal sealed class RegistryHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MostRedirects = 5;

    private readonly ConcurrentDictionary<string, AuthenticationHeaderValue> _tokens = new(StringComparer.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string repository = RegistryAddress.RepositoryOf(request.RequestUri!)
            ?? throw new ArgumentException("No address of a registry.", nameof(request));
        string key = $"{request.RequestUri!.Authority}/{repository}";
        HttpResponseMessage response = await FollowAsync(request, _tokens.GetValueOrDefault(key), cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized
            || RegistryChallenge.Find(response.Headers.WwwAuthenticate) is not { } challenge)
        {
            return response;
        }

        response.Dispose();
        string token = await FetchTokenAsync(challenge.TokenAddress(repository), cancellationToken);
        AuthenticationHeaderValue authorization = new("Bearer", token);
        _tokens[key] = authorization;
        return await FollowAsync(request, authorization, cancellationToken);
    }

    private async Task<string> FetchTokenAsync(Uri address, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = await FollowAsync(request, authorization: null, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"the token server {address.Authority} answered {(int)response.StatusCode}", null, response.StatusCode);
        }

        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await RegistryToken.ReadAsync(body, address, cancellationToken);
    }

    private async Task<HttpResponseMessage> FollowAsync(
        HttpRequestMessage request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        Uri first = request.RequestUri!, address = first;
        for (int hop = 0; ; hop++)
        {
            RequireSafe(address, first);
            using HttpRequestMessage copy = new(HttpMethod.Get, address);
            foreach ((string name, IEnumerable<string> values) in request.Headers)
            {
                copy.Headers.TryAddWithoutValidation(name, values);
            }

            copy.Headers.Authorization = address.Authority == first.Authority ? authorization : null;
            HttpResponseMessage response = await base.SendAsync(copy, cancellationToken);

            // where we were sent to may hold a signature, and messages print addresses
            response.RequestMessage = request;
            if (!IsRedirect(response.StatusCode) || response.Headers.Location is not { } location)
            {
                return response;
            }

            response.Dispose();
            if (hop == MostRedirects)
            {
                throw new BakeException(
                    "BAKE0625", first.ToString(), $"The registry sends us on more than {MostRedirects} times.",
                    "Tell who runs it.", BakeFault.Source);
            }

            address = Uri.TryCreate(address, location, out Uri? next) ? next : throw new BakeException(
                "BAKE0625", first.ToString(), "The registry sends us to an address that is none.",
                "Tell who runs it.", BakeFault.Source);
        }
    }

    private static void RequireSafe(Uri address, Uri first)
    {
        if (!RegistryAddress.IsSafe(address)
            || (first.Scheme == Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new BakeException(
                "BAKE0625", first.ToString(),
                $"The registry sends us to {address.Scheme}://{address.Authority}, which is not https.",
                "Plain http is for this machine only; tell who runs the registry.", BakeFault.Source);
        }
    }

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}
