using System.Globalization;
using System.Text.RegularExpressions;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// A bootstrap token: what a machine without a certificate shows when it asks for one. Its holder is a member of
/// <see cref="AuthenticatedGroup"/> and of no other group that may do anything.
/// </summary>
public sealed partial record BootstrapToken
{
    public const string DefaultGroup = "worker";
    public const string LbGroup = "lb";

    /// <summary>Six lower-case letters and digits; not secret.</summary>
    public required string Id { get; init; }

    /// <summary>Sixteen lower-case letters and digits.</summary>
    public required Secret Secret { get; init; }

    /// <summary>Null: it never expires.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>As <see cref="TryParseExpiry"/> reads it; null: it never expires.</summary>
    public string? ExpiresText => Expires?.UtcDateTime.ToString(
        "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The role of the machines that hold it.</summary>
    public string Group { get; init; } = DefaultGroup;

    public string AuthenticatedGroup => GroupOf(Group);

    /// <summary><c>id.secret</c>, as clients show it.</summary>
    public Secret Text => new($"{Id}.{Secret.Reveal()}");

    /// <summary>To Kubernetes, the group of those who hold a token of machines of a role.</summary>
    public static string GroupOf(string role) => $"system:bootstrappers:{role}";

    /// <summary>Null when the text is not of the form <c>id.secret</c>.</summary>
    public static BootstrapToken? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Form().IsMatch(text) ? new BootstrapToken { Id = text[..6], Secret = new Secret(text[7..]) } : null;
    }

    /// <summary>A moment as <c>2027-01-31T12:00:00Z</c>; null for any other text.</summary>
    public static DateTimeOffset? TryParseExpiry(string text) =>
        DateTimeOffset.TryParseExact(
            text,
            "yyyy-MM-dd'T'HH:mm:ssK",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out DateTimeOffset moment)
            && text.Length > "2027-01-31T12:00:00".Length
            ? moment
            : null;

    /// <summary>The end of a token that is made now, in whole seconds as it is written.</summary>
    public static DateTimeOffset EndAfter(TimeSpan timeToLive, DateTimeOffset now) =>
        DateTimeOffset.FromUnixTimeSeconds((now + timeToLive).ToUnixTimeSeconds());

    [GeneratedRegex(@"\A[a-z0-9]{6}\z")]
    internal static partial Regex IdForm();

    [GeneratedRegex(@"\A[a-z0-9]{16}\z")]
    internal static partial Regex SecretForm();

    [GeneratedRegex(@"\A[a-z0-9]{6}\.[a-z0-9]{16}\z")]
    private static partial Regex Form();
}
