using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

/// <summary>
/// Answers of a real API server, whole and many: one whose encoder of maps writes through a wrong pointer, as the sources would have it by
/// themselves (docs/decisions/0011), dies of most plain answers or spoils its memory silently.
/// </summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Full")] // needs the programs of a bake with kubernetes.source debian
public sealed class JsonAnswersTests : IDisposable
{
    private const int Objects = 20;
    private const int Reads = 300;
    private const int ReadersAtOnce = 4;
    private const string Path = "/api/v1/namespaces/default/configmaps";
    private const string Ours = "labelSelector=test%3Danswers";

    /// <summary>What JSON or its encoder escapes, and characters of two, three and four bytes.</summary>
    private const string Characters = "abc XYZ 0189 \"\\/<>&\t\n\u2028é漢\U0001F600";

    private static readonly Rune[] _runes = [.. Characters.EnumerateRunes()];

    private readonly TestApiServer _server = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));

    public void Dispose()
    {
        _limit.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Three_hundred_answers_full_of_maps_are_to_the_last_character_what_was_stored()
    {
        await _server.StartAsync();
        using KubernetesClient client = _server.Administrator.Connect();
        Random random = new(20);
        string[] stored = new string[Objects];
        for (int index = 0; index < Objects; index++)
        {
            stored[index] = await StoreAsync(client, Sample(index, random));
        }

        ParallelOptions several = new() { MaxDegreeOfParallelism = ReadersAtOnce, CancellationToken = _limit.Token };
        await Parallel.ForEachAsync(Enumerable.Range(0, Reads), several, async (read, cancellationToken) =>
        {
            int index = read / 6 % Objects;
            string one = $"{Path}/{Name(index)}";
            Task reading = (read % 6) switch
            {
                0 => SameAsync(client.GetAsync(one, cancellationToken), stored[index]),
                1 => SameAsync(client.GetAsync($"{one}?pretty=true", cancellationToken), stored[index]),
                2 => SameListAsync(client.GetAsync($"{Path}?{Ours}", cancellationToken), stored),
                3 => SameListAsync(client.GetAsync($"/api/v1/configmaps?pretty=true&{Ours}", cancellationToken), stored),
                4 => SameListAsync(client.GetAsync($"{Path}?limit={index + 1}&{Ours}", cancellationToken), stored[..(index + 1)]),
                _ => SameEventsAsync(client, stored, cancellationToken),
            };
            await reading;
        });
    }

    /// <summary>Returns the object as the server shows it, once it was seen to hold what it was given.</summary>
    private async Task<string> StoreAsync(KubernetesClient client, JsonObject sample)
    {
        KubernetesObject stored = await client.CreateAsync(Path, sample, _limit.Token);
        foreach (string part in new[] { "data", "binaryData" })
        {
            JsonNode.DeepEquals(stored.Json[part], sample[part]).ShouldBeTrue($"{part} of {stored}");
        }

        foreach (string part in new[] { "labels", "annotations" })
        {
            JsonNode.DeepEquals(stored.Json["metadata"]![part], sample["metadata"]![part]).ShouldBeTrue($"{part} of {stored}");
        }

        return stored.Json.ToJsonString();
    }

    private static async Task SameAsync(Task<KubernetesObject> answer, string stored) => (await answer).Json.ToJsonString().ShouldBe(stored);

    private static async Task SameListAsync(Task<KubernetesObject> answer, string[] stored)
    {
        KubernetesObject list = await answer;
        list.Kind.ShouldBe("ConfigMapList");
        list.Items("items").Select(item => item.Json.ToJsonString()).ShouldBe(stored.Select(WithoutKind));
    }

    private static async Task SameEventsAsync(KubernetesClient client, string[] stored, CancellationToken cancellationToken)
    {
        List<string> seen = [];
        await foreach (KubernetesEvent added in client.WatchAsync(Path, "test=answers", "0", cancellationToken))
        {
            added.Kind.ShouldBe(KubernetesEventKind.Added);
            seen.Add(added.Object.Json.ToJsonString());
            if (seen.Count == stored.Length)
            {
                break;
            }
        }

        seen.ShouldBe(stored, ignoreOrder: true);
    }

    /// <summary>A list says once what its objects are.</summary>
    private static string WithoutKind(string stored)
    {
        JsonObject item = JsonNode.Parse(stored)!.AsObject();
        item.Remove("kind");
        item.Remove("apiVersion");
        return item.ToJsonString();
    }

    private static string Name(int index) => $"map-{index:D2}";

    private static JsonObject Sample(int index, Random random) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = Name(index),
            ["labels"] = new JsonObject { ["test"] = "answers", ["number"] = $"n{index}", [$"example.com/{Name(index)}"] = "" },
            ["annotations"] = Map("note", 6, () => Text(random)),
        },
        ["data"] = Map("text", 16, () => Text(random)),
        ["binaryData"] = Map("bytes", 3, () => Bytes(random)),
    };

    private static JsonObject Map(string name, int entries, Func<string> value) =>
        new(Enumerable.Range(0, entries).Select(index => KeyValuePair.Create($"{name}-{index}", (JsonNode?)value())));

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(80)).Select(_ => _runes[random.Next(_runes.Length)].ToString()));

    private static string Bytes(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 120)];
        random.NextBytes(bytes);
        return Convert.ToBase64String(bytes);
    }
}
