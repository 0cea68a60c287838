using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Tar;
using Images.TestSupport;

namespace Images.Formats.Tests.Tar;

public sealed class TarReaderTests
{
    [Theory]
    [InlineData("ustar")]
    [InlineData("gnu")]
    [InlineData("pax")]
    public void What_tar_made_is_listed_as_tar_lists_it(string format)
    {
        using TemporaryFolder folder = new();
        string tree = folder["tree"];
        string deep = Path.Combine(tree, string.Join('/', Enumerable.Repeat("a-folder-with-a-name-of-36-characters", 5)));
        Directory.CreateDirectory(deep);
        File.WriteAllText(Path.Combine(tree, "empty"), "");
        File.WriteAllBytes(Path.Combine(tree, "exactly one block"), SampleData.Mixed(512));
        File.WriteAllBytes(Path.Combine(tree, "über-513"), SampleData.Mixed(513));
        File.WriteAllBytes(Path.Combine(deep, "file"), SampleData.Mixed(100_000));
        File.CreateSymbolicLink(Path.Combine(tree, "link"), "../somewhere/else");
        Judge.Run("ln", Path.Combine(tree, "empty"), Path.Combine(tree, "hard"));
        Judge.Run("mkfifo", Path.Combine(tree, "fifo"));
        Judge.Run("chmod", "4751", Path.Combine(tree, "empty"));
        if (format != "ustar")
        {
            File.CreateSymbolicLink(Path.Combine(tree, "long-link"), new string('t', 300));
            File.WriteAllText(Path.Combine(tree, new string('n', 250)), "long name");
        }

        Judge.Run("tar", "--create", $"--format={format}", "--sort=name", "--mtime=@1700000000.25", "--owner=nobody:65534", "--group=root:0",
            "--file", folder["made.tar"], "--directory", tree, ".");
        ReadAll(File.ReadAllBytes(folder["made.tar"])).Select(entry => entry.Line)
            .ShouldBe(TarListing.OfTar(folder["made.tar"]));
    }

    [Fact]
    public void Devices_and_big_numbers_are_listed_as_tar_lists_them()
    {
        byte[] archive =
        [
            .. TarBytes.Entry("null", '3', spoil: entry =>
            {
                TarBytes.Put(entry, 329, "0000001");
                TarBytes.Put(entry, 337, "0000003");
            }),
            .. TarBytes.Entry("disk", '4', spoil: entry =>
            {
                TarBytes.Put(entry, 329, "0000010");
                TarBytes.Put(entry, 337, "0000020");
                ((byte[])[0x80, 0, 0, 0, 0, 0x40, 0, 0]).CopyTo(entry, 108);
                ((byte[])[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]).CopyTo(entry, 136);
            }),
            .. TarBytes.Entry("old", '0', spoil: entry => ((byte[])[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]).CopyTo(entry, 136)),
            .. TarBytes.Pax('x', "uid=2000000000", "gid=70000", "mtime=12345.75", "path=by pax"),
            .. TarBytes.Entry("ignored"),
            .. TarBytes.End,
        ];
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["made.tar"], archive);
        ReadAll(archive).Select(entry => entry.Line).ShouldBe(TarListing.OfTar(folder["made.tar"]));
    }

    [Fact]
    public void A_global_pax_header_holds_until_an_own_one_takes_it_back()
    {
        byte[] archive =
        [
            .. TarBytes.Pax('g', "uname=builder", "comment=of the archive"),
            .. TarBytes.Entry("first"),
            .. TarBytes.Pax('x', "uname=", "path=second by pax"),
            .. TarBytes.Entry("second"),
            .. TarBytes.Entry("third"),
            .. TarBytes.End,
        ];
        TarEntry[] entries = [.. new TarReader(new MemoryStream(archive), "t")];
        entries.Select(entry => entry.Path).ShouldBe(["first", "second by pax", "third"]);
        entries.Select(entry => entry.UserName).ShouldBe(["builder", "", "builder"]);
    }

    [Fact]
    public void What_dotnet_writes_in_any_format_is_read_back() =>
        Prop.ForAll(AnyArchive.Entries(), Gen.Elements(AnyArchive.Formats).ToArbitrary(), (entries, format) =>
        {
            byte[] archive = AnyArchive.Write(entries, format);
            using MemoryStream stream = new(archive);
            using TricklingStream trickle = new(stream, 700);
            int i = 0;
            foreach (TarEntry entry in new TarReader(trickle, "t"))
            {
                entries[i++].ShouldBe(AnyArchive.From(entry, readsContent: i % 3 != 0, entries[i - 1].Content));
            }

            i.ShouldBe(entries.Length);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("./usr/../../etc/passwd")]
    [InlineData("usr//bin")]
    public void A_path_that_escapes_is_handed_out_raw_and_refused_when_it_is_parsed(string path)
    {
        TarEntry entry = new TarReader(new MemoryStream([.. TarBytes.Entry(path), .. TarBytes.Entry("hard", '1', link: path), .. TarBytes.End]), "evil.deb/data.tar").First();
        entry.Path.ShouldBe(path);
        MalformedDataException refused = Should.Throw<MalformedDataException>(() => entry.ParsePath());
        refused.Message.ShouldContain("evil.deb/data.tar");
        refused.Message.ShouldContain(path);
        TarEntry hard = new TarReader(new MemoryStream([.. TarBytes.Entry("hard", '1', link: path), .. TarBytes.End]), "t").First();
        Should.Throw<MalformedDataException>(() => hard.ParseHardLinkTarget());
    }

    [Theory]
    [InlineData('S', "sparse")]
    [InlineData('M', "volume")]
    [InlineData('7', "contiguous")]
    [InlineData('Z', "'Z'")]
    [InlineData('\u0001', "0x01")]
    public void A_type_that_is_not_understood_is_refused_by_name(char type, string description) =>
        Refusal([.. TarBytes.Entry("odd", type), .. TarBytes.End]).ShouldContain(description);

    [Theory]
    [InlineData("SCHILY.xattr.security.capability=x", "security.capability")]
    [InlineData("GNU.sparse.major=1", "GNU.sparse.major")]
    [InlineData("hdrcharset=BINARY", "hdrcharset")]
    [InlineData("size=-1", "size=-1")]
    [InlineData("size=99999999999999999999", "size=")]
    [InlineData("mtime=now", "mtime=now")]
    [InlineData("uid=4294967296", "uid=")]
    [InlineData("path=a\0b", "NUL")]
    public void A_pax_record_that_is_not_understood_is_refused_by_name(string record, string named) =>
        Refusal([.. TarBytes.Pax('x', record), .. TarBytes.Entry("f"), .. TarBytes.End]).ShouldContain(named);

    [Theory]
    [InlineData("12 path=a\n")]
    [InlineData("9 path=a")]
    [InlineData("x path=a\n")]
    [InlineData("999999999 path=a\n")]
    [InlineData("4 \n=\n")]
    [InlineData("0 \n")]
    [InlineData(" path=a\n")]
    public void A_pax_record_whose_length_does_not_fit_is_refused(string records) =>
        Refusal([.. TarBytes.Entry("pax", 'x', records), .. TarBytes.Entry("f"), .. TarBytes.End]);

    [Fact]
    public void Claims_of_size_are_refused_before_anything_is_allocated()
    {
        foreach (char type in (char[])['x', 'g', 'L', 'K'])
        {
            Refusal(TarBytes.Entry("big", type, spoil: entry => TarBytes.Put(entry, 124, "77777777777"))).ShouldContain("8589934591");
        }

        Refusal(TarBytes.Entry("big", spoil: entry => ((byte[])[0x80, 0, 0, 0, 0x7F, 0, 0, 0, 0, 0, 0, 0]).CopyTo(entry, 124))).ShouldContain("size");
    }

    [Fact]
    public void Odd_headers_are_refused()
    {
        Refusal([.. TarBytes.Entry("f", spoil: entry => entry.AsSpan(257, 8).Clear()), .. TarBytes.End]).ShouldContain("magic");
        Refusal([.. TarBytes.Entry("f/"), .. TarBytes.End]).ShouldContain("f/");
        Refusal([.. TarBytes.Entry("d", '5', "content"), .. TarBytes.End]).ShouldContain("'d'");
        Refusal([.. TarBytes.Entry(""), .. TarBytes.End]).ShouldContain("name");
        Refusal([.. TarBytes.Entry("l", '2'), .. TarBytes.End]).ShouldContain("target");
        Refusal([.. TarBytes.Entry("f", spoil: entry => entry[0] = 0xFF), .. TarBytes.End]).ShouldContain("UTF-8");
        Refusal([.. TarBytes.Entry("f", spoil: entry => entry[100] = (byte)'9'), .. TarBytes.End]).ShouldContain("mode");
        Refusal([.. TarBytes.Pax('x', "path=a"), .. TarBytes.Pax('x', "path=b"), .. TarBytes.Entry("f"), .. TarBytes.End]).ShouldContain("second pax");
        Refusal([.. TarBytes.Pax('x', "path=a"), .. TarBytes.End]).ShouldContain("no entry");
        Refusal([.. TarBytes.Entry("L", 'L', "no NUL"), .. TarBytes.Entry("f"), .. TarBytes.End]).ShouldContain("long name");
        Refusal([.. TarBytes.Entry("f"), .. TarBytes.End, .. TarBytes.Entry("behind")]).ShouldContain("zeros");
        Refusal([.. TarBytes.Entry("f"), .. new byte[512], .. TarBytes.Entry("behind"), .. TarBytes.End]).ShouldContain("zeros");
    }

    [Fact]
    public void An_archive_cut_off_anywhere_is_refused()
    {
        byte[] archive = [.. TarBytes.Pax('x', "path=long"), .. TarBytes.Entry("f", content: "text"), .. TarBytes.Entry("d/", '5'), .. TarBytes.End];
        for (int length = 0; length < archive.Length; length++)
        {
            Refusal(archive[..length]).ShouldContain("truncated");
        }

        ReadAll(archive).Count.ShouldBe(2);
    }

    [Fact]
    public void A_flipped_bit_in_a_header_is_noticed_by_its_checksum()
    {
        byte[] archive = [.. TarBytes.Entry("f", content: "text"), .. TarBytes.End];
        for (int bit = 0; bit < 512 * 8; bit++)
        {
            byte[] flipped = [.. archive];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));

            // around the checksum's digits stand blanks, zeros or NULs
            if (bit / 8 is not (148 or 154 or 155))
            {
                Refusal(flipped);
            }
        }
    }

    [Fact]
    public void Changed_bytes_under_a_right_checksum_give_entries_or_a_refusal_but_never_another_exception()
    {
        byte[] entry = TarBytes.Entry("f", content: "text"), pax = TarBytes.Pax('x', "path=long", "mtime=1.5");
        Prop.ForAll(Gen.Choose(0, 1023).Two().ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (places, value) =>
        {
            byte[] changedEntry = [.. entry], changedPax = [.. pax];
            changedEntry[places.Item1] = (byte)value;
            changedPax[places.Item2] = (byte)value;
            TarBytes.Seal(changedEntry);
            TarBytes.Seal(changedPax);
            try
            {
                ReadAll([.. changedPax, .. changedEntry, .. TarBytes.End]);
            }
            catch (MalformedDataException)
            {
                // the other allowed outcome
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void It_is_read_once_and_a_content_only_while_its_entry_is_the_current_one()
    {
        TarReader reader = new(new MemoryStream([.. TarBytes.Entry("a", content: "one"), .. TarBytes.Entry("b", content: "two"), .. TarBytes.End]), "t");
        TarEntry[] entries = [.. reader];
        entries.Length.ShouldBe(2);
        Should.Throw<InvalidOperationException>(() => entries[0].Content.ReadByte());
        Should.Throw<InvalidOperationException>(() => reader.GetEnumerator());
    }

    private static string Refusal(byte[] archive) => Should.Throw<MalformedDataException>(() => ReadAll(archive)).Message;

    private static List<(string Line, byte[] Content)> ReadAll(byte[] archive)
    {
        List<(string Line, byte[] Content)> entries = [];
        foreach (TarEntry entry in new TarReader(new MemoryStream(archive), "test.tar"))
        {
            using MemoryStream content = new();
            entry.Content.CopyTo(content);
            content.Length.ShouldBe(entry.Size);
            entries.Add((TarListing.LineOf(entry), content.ToArray()));
        }

        return entries;
    }
}
