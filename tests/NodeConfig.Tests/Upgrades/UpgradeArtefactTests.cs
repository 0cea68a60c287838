using System.Formats.Tar;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats;
using Images.NodeConfig.Upgrades;

namespace Images.NodeConfig.Tests.Upgrades;

public sealed class UpgradeArtefactTests
{
    private static readonly SampleUpgrade _sample = new();
    private static readonly byte[] _whole = SampleUpgrade.Pack(_sample.Parts);

    [Fact]
    public void What_was_packed_comes_back_part_by_part()
    {
        using UpgradeArtefact artefact = UpgradeArtefact.Open(new Trickle(_whole), "node.upgrade");
        artefact.Manifest.ShouldBe(_sample.Manifest);
        artefact.Signature.Length.ShouldBe(0);
        ReadAll(artefact.OpenUki()).ShouldBe(_sample.Uki);
        ReadAll(artefact.OpenRoot()).ShouldBe(_sample.Root);
        artefact.Finish();
    }

    [Fact]
    public void Whatever_the_parts_hold_they_come_back() =>
        Prop.ForAll<PositiveInt, int>((size, seed) =>
        {
            SampleUpgrade sample = new()
            {
                Uki = SampleUpgrade.Bytes(size.Get * 37, seed),
                Root = SampleUpgrade.Bytes((int)SampleUpgrade.RootBytes, seed + 1),
            };
            using UpgradeArtefact artefact = UpgradeArtefact.Open(new Trickle(SampleUpgrade.Pack(sample.Parts)), "node.upgrade");
            bool same = ReadAll(artefact.OpenUki()).SequenceEqual(sample.Uki) && ReadAll(artefact.OpenRoot()).SequenceEqual(sample.Root);
            artefact.Finish();
            return same;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_signature_stands_behind_the_manifest()
    {
        (string, byte[]) signature = (UpgradeArtefact.SignatureName, [1, 2, 3]);
        (string Name, byte[] Bytes)[] parts = [.. _sample.Parts.Take(1), signature, .. _sample.Parts.Skip(1)];
        using UpgradeArtefact artefact = UpgradeArtefact.Open(new MemoryStream(SampleUpgrade.Pack(parts)), "node.upgrade");
        artefact.Signature.ToArray().ShouldBe([1, 2, 3]);
        artefact.ManifestBytes.ToArray().ShouldBe(_sample.Manifest.ToJson());
        ReadAll(artefact.OpenUki()).ShouldBe(_sample.Uki);
    }

    [Fact]
    public void The_parts_of_a_delta_have_other_names_and_their_own_lengths()
    {
        byte[] instructions = SampleUpgrade.Bytes(777, 5);
        UpgradeBase from = new()
        {
            FromRootHash = new string('c', 64),
            Bytes = instructions.Length,
            Sha256 = Digest.Sha256(instructions).Hex,
            UkiBytes = _sample.Uki.Length,
            UkiSha256 = Digest.Sha256(_sample.Uki).Hex,
        };
        byte[] archive = SampleUpgrade.Pack(
        [
            (UpgradeArtefact.ManifestName, (_sample.Manifest with { Delta = from }).ToJson()), (UpgradeArtefact.UkiDeltaName, _sample.Uki),
            (UpgradeArtefact.RootDeltaName, instructions),
        ]);
        using UpgradeArtefact artefact = UpgradeArtefact.Open(new MemoryStream(archive), "node.upgrade");
        ReadAll(artefact.OpenUki()).ShouldBe(_sample.Uki);
        ReadAll(artefact.OpenRoot()).ShouldBe(instructions);
        artefact.Finish();
    }

    [Theory]
    [InlineData("uki.efi manifest.json root")]
    [InlineData("manifest.json root uki.efi")]
    [InlineData("manifest.json uki.efi")]
    [InlineData("manifest.json")]
    [InlineData("")]
    [InlineData("manifest.json manifest.json uki.efi root")]
    [InlineData("manifest.json uki.efi uki.efi root")]
    [InlineData("manifest.json uki.efi root root")]
    [InlineData("manifest.json uki.efi root more")]
    [InlineData("more manifest.json uki.efi root")]
    [InlineData("./manifest.json uki.efi root")]
    [InlineData("manifest.json uki.efi root.delta")]
    [InlineData("manifest.json uki.efi manifest.sig root")]
    public void Another_order_or_another_part_is_refused(string names)
    {
        byte[] archive = SampleUpgrade.Pack(names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (name, Content(name))));
        Should.Throw<MalformedDataException>(() => ReadWhole(archive)).Message.ShouldStartWith("node.upgrade");
    }

    [Fact]
    public void A_link_is_no_part() =>
        Should.Throw<MalformedDataException>(() => ReadWhole(SampleUpgrade.Pack(_sample.Parts, TarEntryType.SymbolicLink)))
            .Message.ShouldContain("manifest.json");

    [Fact]
    public void Cut_short_anywhere_it_is_refused()
    {
        int end = _whole.AsSpan().LastIndexOfAnyExcept((byte)0) / 512 * 512;
        for (int length = 0; length < end + 1024; length += length < 4096 ? 101 : 256)
        {
            Should.Throw<MalformedDataException>(() => ReadWhole(_whole[..length]), $"{length} of {_whole.Length} bytes");
        }
    }

    [Theory]
    [InlineData(UpgradeArtefact.UkiName, -1)]
    [InlineData(UpgradeArtefact.UkiName, 1)]
    [InlineData(UpgradeArtefact.RootName, -1)]
    [InlineData(UpgradeArtefact.RootName, 4096)]
    public void A_part_of_another_length_than_the_manifest_says_is_refused_before_it_is_read(string name, int more)
    {
        byte[] archive = SampleUpgrade.Pack(_sample.Parts.Select(
            part => part.Name == name ? (name, (byte[])[.. part.Bytes.Take(part.Bytes.Length + more), .. new byte[Math.Max(0, more)]]) : part));
        Should.Throw<MalformedDataException>(() => ReadWhole(archive)).Message.ShouldContain($"{name} has");
    }

    [Fact]
    public void A_header_whose_size_lies_is_refused()
    {
        for (int change = 1; change < 8; change++)
        {
            byte[] archive = [.. _whole];
            archive[124 + 10] ^= (byte)change; // the lowest digit but one of the manifest's size
            Should.Throw<MalformedDataException>(() => ReadWhole(archive));
        }
    }

    [Fact]
    public void A_changed_byte_of_a_part_is_told_before_its_last_bytes_are_given()
    {
        int uki = _whole.AsSpan().IndexOf(_sample.Uki), root = _whole.AsSpan().IndexOf(_sample.Root);
        foreach ((int at, string name) in ((int, string)[])
            [
                (uki, UpgradeArtefact.UkiName), (uki + 8_999, UpgradeArtefact.UkiName), (root, UpgradeArtefact.RootName),
                (root + (int)SampleUpgrade.RootBytes - 1, UpgradeArtefact.RootName),
            ])
        {
            byte[] archive = [.. _whole];
            archive[at] ^= 0x10;
            Should.Throw<MalformedDataException>(() => ReadWhole(archive)).Message.ShouldMatch($"node.upgrade, {name}: its SHA-256 is ");
        }
    }

    [Fact]
    public void A_part_is_to_be_read_before_the_next_one()
    {
        using UpgradeArtefact artefact = UpgradeArtefact.Open(new MemoryStream(_whole), "node.upgrade");
        artefact.OpenUki();
        Should.Throw<InvalidOperationException>(() => artefact.OpenRoot());
    }

    [Fact]
    public void Other_bytes_behind_the_end_are_refused() =>
        Should.Throw<MalformedDataException>(() => ReadWhole([.. _whole, 1])).Message.ShouldContain("archive's end");

    private static byte[] Content(string name) => _sample.Parts.FirstOrDefault(part => part.Name == name).Bytes ?? [1, 2, 3];

    private static void ReadWhole(byte[] archive)
    {
        using UpgradeArtefact artefact = UpgradeArtefact.Open(new MemoryStream(archive), "node.upgrade");
        ReadAll(artefact.OpenUki());
        ReadAll(artefact.OpenRoot());
        artefact.Finish();
    }

    private static byte[] ReadAll(Stream part)
    {
        using MemoryStream all = new();
        part.CopyTo(all, 1000);
        return all.ToArray();
    }

    /// <summary>As a pipe gives them: never many at once, not seekable.</summary>
    private sealed class Trickle(byte[] bytes) : ReadOnlyStream
    {
        private int _position;

        protected override int TakeBytes(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(buffer.Length, 333), bytes.Length - _position);
            bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
