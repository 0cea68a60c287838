using System.Text;
using Images.Baker.Manifest;
using Images.Baker.Tests.Sources.Kubernetes;

namespace Images.Baker.Tests.Manifest;

public class LicenceNamesTests
{
    [Theory]
    [InlineData("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Apache-2.0\n\nFiles: b\nLicense: Expat\n", "Apache-2.0 Expat")]
    [InlineData("= kubernetes/LICENSES/LICENSE =\n" + SampleKubernetes.Licence + "\n= kubernetes/LICENSES/vendor/a/LICENSE =\nMIT License\n", "Apache-2.0")]
    [InlineData("All rights reserved. It is not under the Apache License Version 2.0, says a sentence.\n", "")]
    public void Kubernetes_has_the_names_of_debian_s_file_or_the_licence_that_upstream_s_texts_begin_with(string text, string names) =>
        string.Join(' ', LicenceNames.OfKubernetes(Encoding.UTF8.GetBytes(text))).ShouldBe(names);
}
