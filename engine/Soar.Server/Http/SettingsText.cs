using System.Collections;
using System.Globalization;
using System.Reflection;
using Soar.Connectors;

namespace Soar.Server.Http;

/// <summary>A connector's settings for people: field by field, as they would be written; of a secret only that there is one.</summary>
internal static class SettingsText
{
    /// <param name="mask">Knows all secrets: one that somebody wrote into an address is not shown either.</param>
    public static IEnumerable<ConnectorsApi.SettingView> Of(object? settings, SecretMask mask, string within = "")
    {
        foreach (var property in settings?.GetType().GetProperties().Where(p => p.SetMethod is not null && p.GetIndexParameters().Length == 0) ?? [])
        {
            var name = $"{within}{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}";
            var value = property.GetValue(settings);
            if (value is null) continue;
            if (Plain(value) is { } text) yield return new ConnectorsApi.SettingView(name, mask.Text(text), Secret: false, property.GetCustomAttribute<SettingAttribute>()?.Summary);
            else if (value is Secret) yield return new ConnectorsApi.SettingView(name, null, Secret: true, property.GetCustomAttribute<SettingAttribute>()?.Summary);
            else if (value is IDictionary map)
            {
                foreach (DictionaryEntry entry in map)
                foreach (var inner in One($"{name}.{entry.Key}", entry.Value, mask)) yield return inner;
            }
            else if (value is IEnumerable list)
            {
                var at = 0;
                foreach (var item in list)
                foreach (var inner in One($"{name}[{at++}]", item, mask)) yield return inner;
            }
            else
            {
                foreach (var inner in Of(value, mask, name + ".")) yield return inner;
            }
        }
    }

    private static IEnumerable<ConnectorsApi.SettingView> One(string name, object? value, SecretMask mask) => value switch
    {
        null => [],
        Secret => [new ConnectorsApi.SettingView(name, null, Secret: true, null)],
        _ when Plain(value) is { } text => [new ConnectorsApi.SettingView(name, mask.Text(text), Secret: false, null)],
        _ => Of(value, mask, name + "."),
    };

    /// <summary>What stands on one line; null for what has fields or items of its own, and for secrets.</summary>
    private static string? Plain(object value) => value switch
    {
        Secret => null,
        string text => text,
        bool yes => yes ? "true" : "false",
        IEnumerable<string> texts => string.Join(", ", texts),
        TimeSpan time => Durations.Say(time),
        IEnumerable => null,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ when value.GetType() is { IsValueType: true } or { IsEnum: true } or { Namespace: "System" or "System.Net" } || value.GetType().Assembly == typeof(Rate).Assembly => value.ToString(),
        _ => null,
    };
}
