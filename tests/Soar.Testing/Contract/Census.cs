using System.Reflection;
using Soar.Connectors;

namespace Soar.Testing.Contract;

/// <summary>Which connectors of an assembly have no suite in another: a new one without a suite fails the build's tests.</summary>
public static class Census
{
    public static IReadOnlyList<string> WithoutSuite(Assembly connectors, Assembly tests)
    {
        var covered = tests.GetTypes().Where(type => type is { IsAbstract: false, IsClass: true }).Select(Suite).OfType<Type>().Select(suite => suite.GetGenericArguments()[0]).ToHashSet();
        return [.. connectors.GetExportedTypes().Where(type => type.IsDefined(typeof(ConnectorAttribute)) && !covered.Contains(type)).Select(type => type.FullName!)];
    }

    private static Type? Suite(Type? type)
    {
        for (; type is not null; type = type.BaseType)
            if (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ConnectorSuite<,,>) || type.GetGenericTypeDefinition() == typeof(SourceSuite<,>))) return type;
        return null;
    }
}
