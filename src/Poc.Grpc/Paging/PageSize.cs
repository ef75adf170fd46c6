namespace Poc.Grpc;

/// <summary>The size of a page (AIP-158).</summary>
public static class PageSize
{
    /// <summary>The number of elements to answer with: <paramref name="default"/> when none was asked for, never more than <paramref name="max"/>.</summary>
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID: a negative size.</exception>
    public static int Coerce(int requested, int @default = 50, int max = 500) => requested switch
    {
        < 0 => throw CommonErrors.FieldInvalid("page_size", "must not be negative"),
        0 => @default,
        _ => Math.Min(requested, max),
    };
}
