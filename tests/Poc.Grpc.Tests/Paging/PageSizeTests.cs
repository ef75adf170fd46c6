namespace Poc.Grpc.Tests.Paging;

public sealed class PageSizeTests
{
    [Theory]
    [InlineData(0, 50)]
    [InlineData(1, 1)]
    [InlineData(500, 500)]
    [InlineData(501, 500)]
    [InlineData(int.MaxValue, 500)]
    public void A_size_is_brought_within_the_limit(int requested, int granted) => Assert.Equal(granted, PageSize.Coerce(requested));

    [Fact]
    public void A_negative_size_is_a_fault() => Assert.Equal("page_size", Assert.Throws<RpcError>(() => PageSize.Coerce(-1)).FieldViolations.Single().Field);
}
