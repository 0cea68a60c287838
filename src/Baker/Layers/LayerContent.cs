using Images.Formats;
using Images.Formats.SquashFs;

namespace Images.Baker.Layers;

/// <summary>A file of a layer. Its digest was taken when the layer was made.</summary>
internal sealed class LayerContent(SquashFsBlockSource source, StoredFile stored, Digest digest)
    : StoredContent(source, stored)
{
    public override Digest Digest { get; } = digest;
}
