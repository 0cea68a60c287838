using System.Net;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>What the API server refused, with its own words, or that it could not be reached.</summary>
/// <param name="status">The HTTP status; 0 when there was no answer.</param>
/// <param name="message">In words, without a line end.</param>
/// <param name="cause">What lies below; null for a refusal.</param>
internal sealed class KubernetesApiException(int status, string message, Exception? cause = null)
    : Exception(message, cause)
{
    public int Status { get; } = status;

    public bool IsNotFound => Status == (int)HttpStatusCode.NotFound;

    /// <summary>Someone else changed or made the object meanwhile.</summary>
    public bool IsConflict => Status == (int)HttpStatusCode.Conflict;

    /// <summary>The version asked for is no longer kept: list again.</summary>
    public bool IsGone => Status == (int)HttpStatusCode.Gone;
}
