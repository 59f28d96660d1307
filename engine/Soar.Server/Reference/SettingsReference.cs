using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Server.Settings;

namespace Soar.Server.Reference;

/// <summary>Every key of <c>soar.yaml</c> as a Markdown page, from the settings records themselves: what is committed as <c>engine/docs/settings.md</c> is exactly this.</summary>
internal static class SettingsReference
{
    private const string Head = """
        # Settings: every key of soar.yaml

        Made by `soar settings` from the program itself; do not edit it here, the descriptions stand beside the settings in the code.

        One file, `soar.yaml`, beside the playbooks. It is read as a whole: whatever is wrong is told at once, with its line, and nothing starts until it is right (`soar health`). Durations are `250ms`, `30s`, `5m`, `24h`,
        `7d`, `2w`, or `1h30m`; rates are `10/s`, `4/m`, `1000/d`, or `4/m burst 1`; a list of one may be written without brackets. **Secrets never stand in the file**: write `env:NAME` (an environment variable) or
        `file:path` (relative to soar.yaml). Keys in italics are parts of the key above them. What is **needed** must be there unless the instance is simulated (of a part: where the key above it is given), what is **required** even then.

        """;

    public static string Markdown(IEnumerable<ConnectorType> types)
    {
        var page = new StringBuilder(Head);
        page.Append("\n## The top of the file\n\n");
        Table(page, typeof(SoarSettings));
        page.Append("| `connectors` | names, each with its fields | The connector instances: a name of your choice, then `type` and that type's settings as below. Default: none. |\n");
        page.Append("\n## Every connector instance\n\n");
        Table(page, typeof(InstanceSettings));
        page.Append("| `type` | text, **required** | Which connector it is: one of those below. |\n");
        foreach (var type in types.OrderBy(type => type.Declared.Type, StringComparer.Ordinal))
        {
            page.Append($"\n## {type.Declared.Type}\n\n{type.Declared.Summary}");
            if (type.Capabilities.Count > 0) page.Append($" Brings {string.Join(", ", type.Capabilities.Select(c => $"`{c.Name}`"))}.");
            if (typeof(IAlertSource).IsAssignableFrom(type.Class)) page.Append(" Hands over alerts while `soar serve` runs.");
            if (type.Declared.Outside) page.Append(" What it is told leaves the house.");
            if (type.Declared.Rate.Length > 0) page.Append($" Called at most {type.Declared.Rate} unless `rate` says otherwise.");
            page.Append("\n\n");
            if (Properties(type.Settings).Any()) Table(page, type.Settings);
            else page.Append("No settings of its own.\n");
        }

        return page.ToString();
    }

    private static void Table(StringBuilder page, Type settings)
    {
        page.Append("| Key | Kind | What it says |\n| --- | --- | --- |\n");
        Rows(page, settings, "");
    }

    /// <summary>What an instance without any settings is told that it lacks.</summary>
    private static HashSet<string> Needed(Type settings) =>
        typeof(IValidatedSettings).IsAssignableFrom(settings) && settings.GetConstructor(Type.EmptyTypes) is not null && !Properties(settings).Any(IsRequired)
            ? [.. ((IValidatedSettings)Activator.CreateInstance(settings)!).Problems().Select(problem => problem[..problem.IndexOf(':')])]
            : [];

    private static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    private static void Rows(StringBuilder page, Type settings, string above)
    {
        var needed = Needed(settings);
        foreach (var property in Properties(settings))
        {
            var name = $"{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}";
            var key = above + name;
            var required = IsRequired(property) ? ", **required**" : needed.Contains(name) ? ", **needed**" : "";
            page.Append($"| {(above.Length == 0 ? $"`{key}`" : $"*`{key}`*")} | {Kind(property.PropertyType)}{required} | {Escaped(property.GetCustomAttribute<SettingAttribute>()?.Summary ?? "")} |\n");
            if (Nested(property.PropertyType) is { } nested) Rows(page, nested, $"{key}.");
        }
    }

    private static IEnumerable<PropertyInfo> Properties(Type settings) => settings.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not null);

    /// <summary>The record whose fields stand below a key, itself or in a list; null for a value.</summary>
    private static Type? Nested(Type type)
    {
        var inner = Item(type) ?? Named(type) ?? type;
        return inner.IsClass && inner != typeof(string) && inner.Namespace?.StartsWith(nameof(Soar), StringComparison.Ordinal) == true && !IsValue(inner) ? inner : null;
    }

    private static string Kind(Type type)
    {
        var plain = System.Nullable.GetUnderlyingType(type) ?? type;
        if (plain != typeof(string) && Item(plain) is { } item) return $"list of {Kind(item)}";
        if (Named(plain) is { } named) return $"names, each with {Kind(named)}";
        if (plain == typeof(string)) return "text";
        if (plain == typeof(bool)) return "true or false";
        if (plain == typeof(int) || plain == typeof(long)) return "whole number";
        if (plain == typeof(TimeSpan)) return "duration";
        if (plain == typeof(Secret)) return "**secret**";
        if (plain == typeof(DateOnly)) return "day";
        if (plain == typeof(DateTimeOffset)) return "time";
        if (plain == typeof(Rate)) return "rate";
        if (plain == typeof(Uri)) return "URL";
        if (plain == typeof(IpAddress)) return "address or network";
        if (plain == typeof(EmailAddress)) return "mail address";
        if (plain == typeof(DomainName)) return "domain name";
        return plain.IsEnum ? string.Join(", ", Enum.GetNames(plain).Select(YamlBinder.Kebab)) : "fields";
    }

    private static bool IsValue(Type type) => Kind(type) != "fields";

    private static Type? Item(Type type) => type.IsGenericType && type.GetGenericArguments() is [var item] && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? item : null;

    private static Type? Named(Type type) => type.IsGenericType && type.GetGenericArguments() is [_, var value] && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) ? value : null;

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "\\<", StringComparison.Ordinal);
}
