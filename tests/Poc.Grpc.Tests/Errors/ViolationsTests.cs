using Grpc.Core;

namespace Poc.Grpc.Tests.Errors;

public sealed class ViolationsTests
{
    private enum Kind
    {
        Unspecified,
        Delist,
    }

    [Fact]
    public void A_request_without_fault_passes() =>
        new Violations()
            .NotBlank("text", "x")
            .MaxLength("text", "xxx", 3)
            .Uuid("request_id", "01890a5d-ac96-774b-bcce-b302099a8057")
            .Name("name", "partners/p1/requests/r-1", "partners/{partner}/requests/{request}")
            .Specified("kind", Kind.Delist)
            .MaxCount("links", 50, 50)
            .ThrowIfAny();

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var error = Assert.Throws<RpcError>(() => new Violations().NotBlank("request.text", " ").Specified("request.kind", Kind.Unspecified).ThrowIfAny());

        Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), (error.Code, error.Reason));
        Assert.Equal(["request.text", "request.kind"], error.FieldViolations.Select(static v => v.Field));
    }

    [Fact]
    public void Faults_beyond_32_are_counted_so_that_the_answer_stays_small()
    {
        var violations = new Violations();
        for (var i = 0; i < 1000; i++)
        {
            violations.NotBlank($"links[{i}]", "");
        }

        var error = Assert.Throws<RpcError>(violations.ThrowIfAny);

        Assert.Equal(33, error.FieldViolations.Count);
        Assert.StartsWith("968 more", error.FieldViolations[^1].Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("𝒳𝒳𝒳", 3, true)] // three code points in six UTF-16 units
    [InlineData("𝒳𝒳𝒳𝒳", 3, false)]
    [InlineData("", 0, true)]
    [InlineData(null, 0, true)]
    public void Length_is_counted_in_code_points(string? value, int maximum, bool passes) => Assert.Equal(passes, new Violations().MaxLength("text", value, maximum).Found.Count == 0);

    [Theory]
    [InlineData("01890a5d-ac96-774b-bcce-b302099a8057", true)]
    [InlineData("01890A5D-AC96-774B-BCCE-B302099A8057", true)]
    [InlineData("01890a5dac96774bbcceb302099a8057", false)]
    [InlineData("{01890a5d-ac96-774b-bcce-b302099a8057}", false)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("7", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_uuid_has_one_form(string? value, bool passes) => Assert.Equal(passes, new Violations().Uuid("request_id", value).Found.Count == 0);

    [Theory]
    [InlineData("partners/p1/requests/r1", true)]
    [InlineData("partners/p1/requests/01890a5d-ac96-774b-bcce-b302099a8057", true)]
    [InlineData("partners//requests/r1", false)]
    [InlineData("partners/p1/requests", false)]
    [InlineData("partners/p1/requests/r1/", false)]
    [InlineData("partner/p1/requests/r1", false)]
    [InlineData("partners/p 1/requests/r1", false)]
    [InlineData("partners/../requests/r1", false)]
    [InlineData("partners/./requests/r1", false)]
    [InlineData("partners/п1/requests/r1", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_name_follows_its_pattern(string? value, bool passes) =>
        Assert.Equal(passes, new Violations().Name("name", value, "partners/{partner}/requests/{request}").Found.Count == 0);

    [Fact]
    public void An_enum_value_that_the_proto_does_not_have_is_a_fault() => Assert.Single(new Violations().Specified("kind", (Kind)7).Found);
}
