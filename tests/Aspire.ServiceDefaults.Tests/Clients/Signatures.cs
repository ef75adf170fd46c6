namespace Aspire.ServiceDefaults.Tests.Clients;

/// <summary>Writes a method's parameters down as documentation does.</summary>
internal static class Signatures
{
    public static IEnumerable<string> Of(Type type, string method) => type.GetMethod(method)!.GetParameters().Select(static parameter => $"{parameter.Name}: {Name(parameter.ParameterType)}");

    private static string Name(Type type) => type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
}
