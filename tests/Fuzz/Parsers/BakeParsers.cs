using System.Text.Json;
using Images.Baker;
using Images.Baker.Composing.Fixups;
using Images.Baker.Inspect;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Layers;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Plan;
using Images.Formats;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Fuzz.Parsers;

/// <summary>What a bake, an inspection or the node reads of an image and of its sources.</summary>
internal static class BakeParsers
{
    private static readonly Type[] _malformed = [typeof(MalformedDataException)];

    private static readonly Type[] _bake = [typeof(BakeException)];

    public static IEnumerable<FuzzedParser> All =>
    [
        new() { Name = "image-lock", Declared = _bake, Read = bytes => InFile.Read(bytes, path => ImageLockFile.Read(path)) },
        new() { Name = "nuget-lock", Declared = _bake, Read = bytes => InFile.Read(bytes, path => NuGetLock.Read(path)) },
        new() { Name = "image-plan", Declared = [typeof(ConfigurationException), typeof(BakeException)], Read = bytes => ImagePlanReader.Parse(MetadataParsers.Text(bytes), "image.yaml", "/nonexistent") },
        new() { Name = "system-description", Declared = [typeof(ConfigurationException), typeof(BakeException)], Read = bytes => SystemDescriptionReader.Read(MetadataParsers.Text(bytes), "common.yaml") },
        new() { Name = "image-manifest", Declared = _malformed, Read = bytes => InspectedManifest.Parse(bytes, "fuzz") },
        new() { Name = "verity-file", Declared = _malformed, Read = bytes => VerityFile.Read(bytes, "fuzz") },
        new() { Name = "layer-index", Declared = _malformed, Read = bytes => LayerIndexReader.Decode(bytes, "fuzz") },
        new() { Name = "compiled-roles", Declared = [typeof(JsonException)], Samples = () => [MetadataParsers.Roles.ToJson()], Read = bytes => CompiledRoles.FromJson(bytes) },
        new() { Name = "patch", Declared = _malformed, Read = ReadPatch },
        new() { Name = "unit-file", Declared = [], Read = bytes => UnitInstallSection.Parse(bytes) },
    ];

    /// <summary>Over one file, in a folder of its own: nothing may be written outside it.</summary>
    private static void ReadPatch(byte[] bytes)
    {
        string folder = Directory.CreateTempSubdirectory("images-fuzz-").FullName;
        try
        {
            string inner = Directory.CreateDirectory(Path.Combine(folder, "tree")).FullName;
            File.WriteAllText(Path.Combine(inner, "a"), "one\ntwo\nthree\nfour\n");
            try
            {
                UnifiedDiff.Apply(MetadataParsers.Text(bytes), "fuzz.patch", inner);
            }
            catch (Exception refusal) when (Directory.GetFileSystemEntries(folder).Length != 1)
            {
                throw new InvalidOperationException("the patch wrote outside its tree, and was refused", refusal);
            }

            if (Directory.GetFileSystemEntries(folder).Length != 1)
            {
                throw new InvalidOperationException("the patch wrote outside its tree");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
