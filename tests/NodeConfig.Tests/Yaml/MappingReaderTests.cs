using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Tests.Yaml;

public sealed class MappingReaderTests
{
    [Fact]
    public void Typed_values_come_out()
    {
        MappingReader reader = StrictYaml.ParseMapping("name: x\nsize: 3\nbig: 4Gi\non: true\nlist: [a, b]\nnothing:\n", "t");
        reader.RequiredText("name").ShouldBe("x");
        reader.Integer("size", 1, 9).ShouldBe(3);
        reader.Bytes("big").ShouldBe(4L << 30);
        reader.Boolean("on").ShouldBeTrue();
        reader.TextList("list").ShouldBe(["a", "b"]);
        reader.OptionalText("nothing").ShouldBeNull();
        reader.RejectUnknownKeys();
    }

    [Fact]
    public void An_unknown_key_is_refused_with_its_place_and_the_known_ones()
    {
        MappingReader reader = StrictYaml.ParseMapping("name: x\n  \nrols: [a]\n", "f.yaml");
        reader.RequiredText("name");
        reader.TextList("roles");
        ConfigurationException error = Should.Throw<ConfigurationException>(reader.RejectUnknownKeys);
        error.Message.ShouldBe("f.yaml:3:1  The key 'rols' is unknown. Known here: name, roles.");
    }

    [Theory]
    [InlineData("{}\n", "f.yaml:1:1  The key 'name' is missing or has no value; the keys here are: none. Add 'name:' with a value.")]
    [InlineData("Name: x\n", "f.yaml:1:1  The key 'name' is missing or has no value; the keys here are: Name. Add 'name:' with a value.")]
    public void A_key_that_is_missing_is_asked_for_beside_those_that_are_there(string text, string message) =>
        Should.Throw<ConfigurationException>(() => StrictYaml.ParseMapping(text, "f.yaml").RequiredText("name")).Message.ShouldBe(message);

    [Theory]
    [InlineData("a: x\n", 1, 4)]
    [InlineData("b: x\na:\n", 2, 1)]
    [InlineData("b: x\n", 1, 1)]
    [InlineData("a: 11\n", 1, 4)]
    [InlineData("a: 1.0\n", 1, 4)]
    [InlineData("a: [1]\n", 1, 4)]
    public void A_number_that_is_none_is_refused_with_its_place(string text, int line, int column)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => StrictYaml.ParseMapping(text, "t").Integer("a", 1, 10));
        (error.Line, error.Column).ShouldBe((line, column));
    }

    [Theory]
    [InlineData("a: yes\n")]
    [InlineData("a: 1\n")]
    public void A_boolean_is_true_or_false_only(string text) =>
        Should.Throw<ConfigurationException>(() => StrictYaml.ParseMapping(text, "t").Boolean("a"));

    [Theory]
    [InlineData("512Mi", 512L << 20)]
    [InlineData("0", 0L)]
    [InlineData("1Ki", 1024L)]
    [InlineData("8388607Ti", 8388607L << 40)]
    public void Amounts_are_binary(string text, long bytes) => ByteQuantity.TryParse(text).ShouldBe(bytes);

    [Theory]
    [InlineData("")]
    [InlineData("Gi")]
    [InlineData("1.5Gi")]
    [InlineData("-1")]
    [InlineData("8388608Ti")]
    [InlineData("5G")]
    public void Other_amounts_are_refused(string text) => ByteQuantity.TryParse(text).ShouldBeNull();
}
