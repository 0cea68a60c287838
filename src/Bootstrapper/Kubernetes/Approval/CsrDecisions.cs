using System.Globalization;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>Writes what was decided of a certificate request into it.</summary>
internal sealed class CsrDecisions(TimeProvider time)
{
    /// <summary>Null when it is approved, or another master was quicker; else why it stays.</summary>
    public async Task<string?> ApproveAsync(
        KubernetesClient client, KubernetesObject item, string reason, CancellationToken cancellationToken)
    {
        string path = KubernetesResource.CertificateSigningRequests.One(item.Name);
        try
        {
            // the list holds only what a decision needs; what is written back is the whole, as it was judged
            KubernetesObject whole = await client.GetAsync(path, cancellationToken);
            if (!CsrRequest.IsUndecided(whole))
            {
                return null;
            }

            if (whole.ResourceVersion != item.ResourceVersion)
            {
                return "it has changed meanwhile";
            }

            JsonObject approved = With(whole, "Approved", "ApprovedByImagesAgent", reason);
            await client.ReplaceAsync($"{path}/approval", approved, cancellationToken);
            return null;
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return null; // another master was quicker, or the request is gone
        }
        catch (KubernetesApiException e) when (e.Status != 0)
        {
            return $"the API refuses its approval: {e.Message}";
        }
    }

    /// <summary>The request with this condition alone.</summary>
    public JsonObject With(KubernetesObject whole, string type, string word, string reason)
    {
        JsonObject decided = whole.Json.DeepClone().AsObject();
        string now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        decided["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = type,
                ["status"] = "True",
                ["reason"] = word,
                ["message"] = reason,
                ["lastUpdateTime"] = now,
            }),
        };
        return decided;
    }
}
