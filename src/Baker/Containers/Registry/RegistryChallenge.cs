using System.Net.Http.Headers;

namespace Images.Baker.Containers.Registry;

/// <summary>
/// What a registry wants before it answers: a token from <see cref="Realm"/> (token authentication specification of the
/// distribution project, in the form of RFC 6750's WWW-Authenticate).
/// </summary>
internal sealed record RegistryChallenge
{
    public required Uri Realm { get; init; }

    public required string? Service { get; init; }

    public required string? Scope { get; init; }

    /// <summary>The first Bearer challenge; null where there is none that names a realm.</summary>
    public static RegistryChallenge? Find(IEnumerable<AuthenticationHeaderValue> challenges)
    {
        foreach (AuthenticationHeaderValue challenge in challenges.Where(
            challenge => challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)))
        {
            Dictionary<string, string> parameters = ReadParameters(challenge.Parameter ?? "");
            if (parameters.TryGetValue("realm", out string? realm)
                && Uri.TryCreate(realm, UriKind.Absolute, out Uri? address))
            {
                return new RegistryChallenge
                {
                    Realm = address,
                    Service = parameters.GetValueOrDefault("service"),
                    Scope = parameters.GetValueOrDefault("scope"),
                };
            }
        }

        return null;
    }

    /// <summary>Where a token for the scope is had.</summary>
    /// <param name="repository">The scope where the challenge names none.</param>
    public Uri TokenAddress(string repository)
    {
        string scope = Uri.EscapeDataString(Scope ?? $"repository:{repository}:pull");
        string service = Service is null ? "" : $"service={Uri.EscapeDataString(Service)}&";
        string before = Realm.Query.Length > 1 ? $"{Realm.Query[1..]}&" : "";
        return new UriBuilder(Realm) { Query = $"{before}{service}scope={scope}" }.Uri;
    }

    /// <summary>
    /// name=value or name="value", separated by commas; a quoted value may hold commas and escaped characters.
    /// </summary>
    private static Dictionary<string, string> ReadParameters(string text)
    {
        Dictionary<string, string> parameters = new(StringComparer.OrdinalIgnoreCase);
        int position = 0;
        while (text.IndexOf('=', position) is var equals and > 0)
        {
            string name = text[position..equals].Trim(' ', ',', '\t');
            position = equals + 1;
            List<char> value = [];
            bool isQuoted = position < text.Length && text[position] == '"';
            for (position += isQuoted ? 1 : 0;
                position < text.Length && text[position] != (isQuoted ? '"' : ',');
                position++)
            {
                if (isQuoted && text[position] == '\\' && position + 1 < text.Length)
                {
                    position++;
                }

                value.Add(text[position]);
            }

            position = Math.Min(text.Length, position + 1);
            parameters.TryAdd(name, new string([.. value]));
        }

        return parameters;
    }
}
