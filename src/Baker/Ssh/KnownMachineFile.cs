using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Images.Baker.Seeds;

namespace Images.Baker.Ssh;

/// <summary>
/// <c>secrets/known-machines.json</c>, what machines said of themselves, and <c>secrets/known_hosts</c>, the same for
/// ssh.
/// </summary>
internal sealed class KnownMachineFile(string secrets)
{
    private const int MaximumBytes = 16 << 20;

    private static readonly JsonTypeInfo<KnownMachineList> _json = (JsonTypeInfo<KnownMachineList>)
        new JsonSerializerOptions(KnownMachineJson.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // '+' of base64 stays as it is
        }.GetTypeInfo(typeof(KnownMachineList));

    public string Place { get; } = Path.Combine(secrets, "known-machines.json");

    public string KnownHosts { get; } = Path.Combine(secrets, "known_hosts");

    /// <exception cref="BakeException">The file is damaged.</exception>
    public IReadOnlyList<KnownMachine> Read()
    {
        try
        {
            FileInfo file = new(Place);
            return !file.Exists ? []
                : file.Length > MaximumBytes ? throw new JsonException("it is too large")
                : Parse(File.ReadAllBytes(Place));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BakeException(
                "BAKE0851", Place, $"cannot be read: {e.Message}",
                "Bring the file back from your copy of the secrets. Without it every machine counts as new: remove it "
                    + "only over a network that you believe.", inner: e);
        }
    }

    /// <exception cref="JsonException">No such list.</exception>
    public static IReadOnlyList<KnownMachine> Parse(ReadOnlySpan<byte> json)
    {
        KnownMachineList list = JsonSerializer.Deserialize(json, _json) ?? throw new JsonException("it is null");
        return list.Machines.Contains(null!) || list.Machines.Any(machine => machine.Keys.Contains(null!))
            ? throw new JsonException("a machine or key is null")
            : list.Machines;
    }

    /// <summary>Both files, whole.</summary>
    /// <exception cref="BakeException">They cannot be written.</exception>
    public void Write(IEnumerable<KnownMachine> machines)
    {
        KnownMachineList list = new()
        {
            Machines = [.. machines.OrderBy(machine => machine.Host, StringComparer.Ordinal)],
        };
        byte[] json = [.. JsonSerializer.SerializeToUtf8Bytes(list, _json), (byte)'\n'];
        string lines = string.Concat(list.Machines.SelectMany(machine => machine.Lines).Select(line => line + "\n"));
        PrivateFile.WriteTogether(
            (Place, stream => stream.Write(json)),
            (KnownHosts, stream => stream.Write(Encoding.UTF8.GetBytes(lines))));
    }
}
