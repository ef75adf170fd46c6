using System.Collections;
using System.Reflection;
using Poc.Grpc;

namespace Poc.Intake.Tests.Errors;

/// <summary>Every error that Intake can answer with, made by its factory with sample values.</summary>
internal static class ErrorCatalogue
{
    /// <summary>By the factory's name, which is one word more exact than the reason: two factories may share one.</summary>
    public static IReadOnlyDictionary<string, RpcError> ByFactory { get; } = Of(typeof(IntakeErrors), typeof(CommonErrors));

    private static Dictionary<string, RpcError> Of(params Type[] classes) =>
        (from type in classes
         from factory in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
         where !factory.IsPrivate && factory.ReturnType == typeof(RpcError)
         select (Name: $"{type.Name}.{factory.Name}.{factory.GetParameters().Length}", Error: (RpcError)factory.Invoke(null, [.. factory.GetParameters().Select(static parameter => Sample(parameter.ParameterType))])!))
        .GroupBy(static made => made.Name, StringComparer.Ordinal).ToDictionary(static same => same.Key, static same => same.First().Error, StringComparer.Ordinal);

    private static object? Sample(Type type)
    {
        if (type == typeof(string))
        {
            return "sample";
        }

        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromMilliseconds(1_500);
        }

        if (type == typeof(FieldViolation))
        {
            return new FieldViolation("request.text", "is wrong");
        }

        if (type.IsArray || (type is { IsGenericType: true, IsInterface: true } && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments() is [_]))
        {
            var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            var one = Array.CreateInstance(element, 1);
            one.SetValue(Sample(element), 0);
            return one;
        }

        return type.IsValueType || (type != typeof(Exception) && type.GetConstructor(Type.EmptyTypes) is not null) ? Activator.CreateInstance(type) : null;
    }
}
