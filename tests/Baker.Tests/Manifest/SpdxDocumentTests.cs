using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Baker.Composing;
using Images.Baker.Tests.Tree;
using Images.Formats;

namespace Images.Baker.Tests.Manifest;

/// <summary>Against the fields that SPDX 2.3 makes mandatory: clause 6 (document creation) and 7 (package).</summary>
public class SpdxDocumentTests
{
    private static readonly JsonElement _document = JsonDocument.Parse(ImageTree.Compose(SampleImage.Content()).Sbom).RootElement;

    [Fact]
    public void The_document_has_its_mandatory_fields()
    {
        _document.GetProperty("spdxVersion").GetString().ShouldBe("SPDX-2.3");
        _document.GetProperty("dataLicense").GetString().ShouldBe("CC0-1.0");
        _document.GetProperty("SPDXID").GetString().ShouldBe("SPDXRef-DOCUMENT");
        _document.GetProperty("name").GetString().ShouldBe("node_0.1.0");
        Uri.TryCreate(_document.GetProperty("documentNamespace").GetString(), UriKind.Absolute, out Uri? name).ShouldBeTrue();
        name!.Fragment.ShouldBeEmpty();
        _document.GetProperty("creationInfo").GetProperty("created").GetString().ShouldBe("2025-06-15T15:06:40Z");
        _document.GetProperty("creationInfo").GetProperty("creators")[0].GetString().ShouldStartWith("Tool: ");
    }

    [Fact]
    public void Every_package_has_its_mandatory_fields_and_an_identifier_of_its_own()
    {
        JsonElement[] packages = [.. _document.GetProperty("packages").EnumerateArray()];
        string[] ids = [.. packages.Select(package => package.GetProperty("SPDXID").GetString()!)];

        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => Regex.IsMatch(id, @"\ASPDXRef-[A-Za-z0-9.-]+\z"));
        packages.ShouldAllBe(package => package.GetProperty("name").GetString()!.Length > 0);
        packages.ShouldAllBe(package => package.GetProperty("downloadLocation").GetString() == "NOASSERTION");
        packages.ShouldAllBe(package => !package.GetProperty("filesAnalyzed").GetBoolean());
    }

    [Fact]
    public void A_debian_package_carries_its_digest_and_package_url()
    {
        JsonElement package = Package("base-passwd");
        package.GetProperty("checksums")[0].GetProperty("algorithm").GetString().ShouldBe("SHA256");
        package.GetProperty("checksums")[0].GetProperty("checksumValue").GetString().ShouldBe(Digest.Sha256("base-passwd"u8).Hex);
        package.GetProperty("externalRefs")[0].GetProperty("referenceLocator").GetString()
            .ShouldBe("pkg:deb/debian/base-passwd@1%3A2.0-3%2Bb1?arch=amd64&distro=trixie");
    }

    [Fact]
    public void Relationships_name_only_elements_of_the_document()
    {
        HashSet<string> known = [.. _document.GetProperty("packages").EnumerateArray().Select(package => package.GetProperty("SPDXID").GetString()!), "SPDXRef-DOCUMENT"];
        foreach (JsonElement relationship in _document.GetProperty("relationships").EnumerateArray())
        {
            known.ShouldContain(relationship.GetProperty("spdxElementId").GetString()!);
            known.ShouldContain(relationship.GetProperty("relatedSpdxElement").GetString()!);
        }
    }

    [Fact]
    public void The_bootstrapper_says_what_it_was_made_with() =>
        Package("bootstrapper").GetProperty("sourceInfo").GetString().ShouldBe("published with runtime 10.0.0, sdk 10.0.1");

    private static JsonElement Package(string name) =>
        _document.GetProperty("packages").EnumerateArray().Single(package => package.GetProperty("name").GetString() == name);
}
