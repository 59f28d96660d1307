using System.Reflection;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Alerts;
using Soar.Connectors.Http;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors;

/// <summary>Every connector passes the contract suite (<see cref="ConnectorSuite{TConnector,TSettings,TOther}"/>), and the manual says of each what the code says.</summary>
public sealed partial class ConnectorContractTests
{
    private static readonly Type[] Types = [.. typeof(HttpConnector).Assembly.GetExportedTypes().Where(type => type.IsDefined(typeof(ConnectorAttribute)))];

    private static Type SettingsOf(Type type) => type.GetConstructors().Single().GetParameters()[0].ParameterType;

    [Fact]
    public void Every_connector_has_its_contract_suite() => Assert.Empty(Census.WithoutSuite(typeof(HttpConnector).Assembly, typeof(ConnectorContractTests).Assembly));

    [Fact]
    public void The_manual_holds_every_connector_and_every_setting_once_and_its_links_lead_somewhere()
    {
        var root = Root();
        Assert.SkipWhen(root is null, "the tests do not run from a checkout");
        var manual = File.ReadAllText(Path.Combine(root!, "engine/docs/connectors.md"));
        var missing = new List<string>();
        foreach (var type in Types)
        {
            var declared = type.GetCustomAttribute<ConnectorAttribute>()!;
            var section = Section(manual, $"### `{declared.Type}`\n");
            missing.AddRange(Rows(SettingsOf(type), "").Prepend(Proof(declared.Proven)).Select(line => (line, count: section.Split('\n').Count(l => l == line)))
                .Where(found => found.count != 1).Select(found => $"{declared.Type}, {found.count} times instead of once: {found.line}"));
        }
        foreach (var builtIn in new ActionCatalog().Capabilities.Where(capability => capability.BuiltIn))
        {
            Assert.True(builtIn.Declared.Proven.Length > 0, $"{builtIn.Name} does not say what proves it");
            if (!manual.Contains($"`{builtIn.Name}` is proven by {builtIn.Declared.Proven}.", StringComparison.Ordinal))
                missing.Add($"`{builtIn.Name}` is proven by {builtIn.Declared.Proven}.");
        }
        missing.AddRange(Rows(typeof(AlertMapSettings), "").Where(line => !Section(manual, "### From messages to alerts\n").Contains(line + "\n", StringComparison.Ordinal)));
        foreach (Match link in Link().Matches(manual))
            if (!Path.Exists(Path.Combine(root!, "engine/docs", link.Groups[1].Value)))
                missing.Add($"what it links to: {link.Groups[1].Value}");
        Assert.True(missing.Count == 0, "engine/docs/connectors.md lacks:\n" + string.Join("\n", missing));
    }

    private static string Proof(string proven) => proven.Contains("unproven", StringComparison.Ordinal) ? $"Proven in part: {proven}." : $"Proven against: {proven}.";

    private static string Section(string manual, string heading)
    {
        var start = manual.IndexOf(heading, StringComparison.Ordinal);
        if (start < 0) return "";
        var end = manual.IndexOf("\n### ", start, StringComparison.Ordinal);
        return manual[start..(end < 0 ? manual.Length : end)];
    }

    private static IEnumerable<string> Rows(Type settings, string prefix)
    {
        // The mapping's fields are told once for all rules.
        foreach (var property in settings.GetProperties().Where(property => property.SetMethod is not null && (settings == typeof(AlertMapSettings) || property.DeclaringType != typeof(AlertMapSettings))))
        {
            var name = prefix + char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            yield return $"| `{name}` | {property.GetCustomAttribute<SettingAttribute>()!.Summary} |";
            if (property.PropertyType == typeof(Soar.Connectors.Ssh.SshAccess) || Named(property) is not null)
                foreach (var row in Rows(Named(property) ?? property.PropertyType, Named(property) is null ? name + "." : name + ".<name>."))
                    yield return row;
        }
    }

    /// <summary>The settings that a property holds by name, as a block list holds its lists; null for any other property.</summary>
    private static Type? Named(PropertyInfo property) => property.PropertyType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
        && type.GetGenericArguments()[1].Assembly == property.DeclaringType!.Assembly ? type.GetGenericArguments()[1] : null;

    [GeneratedRegex(@"\]\(([^)#:]+)\)", RegexOptions.None, 1000)]
    private static partial Regex Link();

    private static string? Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Soar.sln")))
                return folder.FullName;
        return null;
    }
}
