using Images.Baker.Plan;
using Images.Formats.Tree;

namespace Images.Baker.Baking;

/// <summary>
/// The programs of our own that go into the image. Looked for first: downloading and unpacking take minutes.
/// </summary>
internal sealed record OwnInputs
{
    public required FileContent Bootstrapper { get; init; }

    /// <summary>/init of the initramfs.</summary>
    public required FileContent Init { get; init; }

    /// <exception cref="BakeException">One is not there.</exception>
    public static OwnInputs Find(BakeRequest request, ImagePlan plan) => new()
    {
        Bootstrapper = Open(
            request.Bootstrapper, "BAKE0403", "The published bootstrapper",
            "Publish src/Bootstrapper first, or run ./build.sh."),
        Init = Open(
            Path.Combine(plan.Roles, "initramfs", "init"), "BAKE0404", "The initramfs' own program",
            "Point 'roles:' of image.yaml to a folder that holds initramfs/init."),
    };

    private static HostFileContent Open(string path, string code, string what, string remedy)
    {
        try
        {
            using (File.OpenRead(path))
            {
                return new HostFileContent(path);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                code, path, File.Exists(path) ? $"{what} cannot be read: {fault.Message}" : $"{what} is missing.",
                remedy, inner: fault);
        }
    }
}
