using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Soar.Connectors;
using Soar.Errors;
using Soar.Server.Credentials;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Settings;

/// <summary>
/// Turns YAML into settings records. Every problem is collected with the line it stands on, so that one reading of the file shows all of them.
/// Fields are the record's properties in camel case; durations are written <c>30s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>; secrets <c>env:NAME</c>, <c>file:/path</c> or <c>credential:name</c>.
/// </summary>
internal sealed class YamlBinder(string file, string folder, CredentialValues credentials)
{
    private const string KeyBlock = "credentials.";

    private readonly HashSet<string> wrong = new(StringComparer.Ordinal);

    public List<string> Problems { get; } = [];

    public object? Bind(Type type, YamlNode node, string where, params string[] ignore)
    {
        if (node is not YamlMappingNode map)
        {
            Problem(node, where, "is a value where fields are expected");
            return null;
        }

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod is not null)
            .ToDictionary(p => Camel(p.Name), StringComparer.Ordinal);
        var target = RuntimeHelpers.GetUninitializedObject(type);
        if (type.GetConstructor(Type.EmptyTypes) is { } constructor) constructor.Invoke(target, null);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (keyNode, value) in map.Children)
        {
            var key = ((YamlScalarNode)keyNode).Value ?? "";
            if (ignore.Contains(key, StringComparer.Ordinal)) continue;
            if (!properties.TryGetValue(key, out var property))
            {
                Problem(keyNode, $"{where}{key}", $"is not a setting here.{Suggest(key, properties.Keys.Concat(ignore))}");
                continue;
            }

            seen.Add(key);
            if (Value(property.PropertyType, value, $"{where}{key}") is { } bound) property.SetValue(target, bound);
        }

        foreach (var (name, property) in properties)
        {
            if (!seen.Contains(name) && property.IsDefined(typeof(RequiredMemberAttribute)))
                Problem(map, $"{where}{name}", $"is missing. {property.GetCustomAttribute<SettingAttribute>()?.Summary}".TrimEnd());
        }

        return target;
    }

    public void Problem(YamlNode node, string field, string what)
    {
        wrong.Add(field);
        Problems.Add($"{file}:{node.Start.Line}: {field} {what}");
    }

    /// <summary>
    /// What the settings themselves find wrong, each at the line of its field. Also where other fields could not be read, so that everything is told at once; a field that could not be read is told
    /// once. Where a required one is missing there is nothing that could be asked.
    /// </summary>
    public void Validate(IValidatedSettings settings, YamlNode node, string where)
    {
        var type = settings.GetType();
        if (type.GetProperties().Any(p => p.IsDefined(typeof(RequiredMemberAttribute)) && p.GetValue(settings) is null)) return;
        foreach (var problem in settings.Problems().ToList())
        {
            var field = problem[..Math.Max(0, problem.IndexOf(':'))];
            if (wrong.Any(told => $"{where}{field}" == told || $"{where}{field}".StartsWith(told + ".", StringComparison.Ordinal))) continue;
            Problems.Add($"{file}:{Place(node, field).Start.Line}: {where}{problem}");
        }
    }

    /// <summary>The name in the file that a path of fields leads to, or as far as it leads.</summary>
    private static YamlNode Place(YamlNode node, string path)
    {
        var (place, rest) = (node, path);
        while (rest.Length > 0 && node is YamlMappingNode map)
        {
            // A name may hold dots itself: the longest one that fits.
            var key = map.Children.Keys.OfType<YamlScalarNode>().Where(k => k.Value is { Length: > 0 } name && (rest == name || rest.StartsWith(name + ".", StringComparison.Ordinal))).MaxBy(k => k.Value!.Length);
            if (key is null) break;
            (place, node) = (key, map.Children[key]);
            rest = rest.Length == key.Value!.Length ? "" : rest[(key.Value.Length + 1)..];
        }

        return place;
    }

    private object? Value(Type type, YamlNode node, string where)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (target != typeof(string) && ElementType(target) is { } element)
        {
            var items = node is YamlSequenceNode sequence ? sequence.Children : [node];
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
            foreach (var item in items) if (Value(element, item, where) is { } bound) list.Add(bound);
            return list;
        }

        if (DictionaryValue(target) is { } valueType)
        {
            var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
            if (node is not YamlMappingNode map) { Problem(node, where, "must be a list of names and values"); return null; }
            foreach (var (key, item) in map.Children)
                if (Value(valueType, item, $"{where}.{key}") is { } bound) dictionary[((YamlScalarNode)key).Value!] = bound;
            return dictionary;
        }

        if (node is YamlScalarNode scalar) return Scalar(target, scalar, where);
        return target.IsClass ? Bind(target, node, $"{where}.") : Wrong(node, where, target);
    }

    private object? Scalar(Type type, YamlScalarNode node, string where)
    {
        var text = node.Value ?? "";
        if (type == typeof(string)) return text;
        if (type == typeof(Secret)) return ReadSecret(node, text, where);
        if (type == typeof(bool)) return bool.TryParse(text, out var b) ? b : Wrong(node, where, type);
        if (type == typeof(int)) return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : Wrong(node, where, type);
        if (type == typeof(long)) return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l) ? l : Wrong(node, where, type);
        if (type == typeof(TimeSpan)) return DurationText.TryParse(text, out var d) ? d : Wrong(node, where, type);
        if (type == typeof(DateOnly)) return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : Wrong(node, where, type);
        if (type == typeof(DateTimeOffset)) return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : Wrong(node, where, type);
        if (type == typeof(Rate)) return Rate.TryParse(text, out var rate) ? rate : Wrong(node, where, type);
        if (type == typeof(Uri)) return Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : Wrong(node, where, type);
        if (type == typeof(IpAddress)) return IpAddress.TryParse(text, null, out var ip) ? ip : Wrong(node, where, type);
        if (type == typeof(DomainName)) return DomainName.TryParse(text, null, out var domain) ? domain : Wrong(node, where, type);
        if (type == typeof(EmailAddress)) return EmailAddress.TryParse(text, null, out var mail) ? mail : Wrong(node, where, type);
        if (type.IsEnum)
        {
            var plain = text.Replace("-", "", StringComparison.Ordinal);
            return Enum.TryParse(type, plain, ignoreCase: true, out var e) && Enum.IsDefined(type, e) ? e : Wrong(node, where, type);
        }

        return Wrong(node, where, type);
    }

    private Secret? ReadSecret(YamlScalarNode node, string text, string where)
    {
        if (text.StartsWith("env:", StringComparison.Ordinal))
        {
            var value = Environment.GetEnvironmentVariable(text[4..]);
            if (!string.IsNullOrEmpty(value)) return Maskable(node, value, where);
            Problem(node, where, $"refers to the environment variable {text[4..]}, which is not set");
            return null;
        }

        if (text.StartsWith("file:", StringComparison.Ordinal))
        {
            var path = Path.Combine(folder, text[5..]);
            if (File.Exists(path)) return Maskable(node, File.ReadAllText(path).TrimEnd('\r', '\n'), where);
            Problem(node, where, $"refers to the file {path}, which does not exist");
            return null;
        }

        if (text.StartsWith("credential:", StringComparison.Ordinal))
        {
            if (where.StartsWith(KeyBlock, StringComparison.Ordinal)) Problem(node, where, "cannot be a credential: it is what credentials are encrypted under. Write env:NAME or file:/path");
            else if (credentials.TryGive(text[11..], where, out var secret, out var problem)) return secret;
            else Problem(node, where, problem);
            return null;
        }

        // The value itself is deliberately not repeated: it may be the secret.
        Problem(node, where, "is a secret and must not stand in the file: write env:NAME, file:/path or credential:name");
        return null;
    }

    // Neither the value nor its exact length is told.
    private Secret? Maskable(YamlScalarNode node, string value, string where)
    {
        if (value.Length >= SecretMask.Shortest) return new Secret(value);
        Problem(node, where, $"refers to a secret of fewer than {SecretMask.Shortest} characters, which could not be kept out of logs and journals; have a longer one made");
        return null;
    }

    private object? Wrong(YamlNode node, string where, Type type)
    {
        var shape = type switch
        {
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) => "a whole number",
            _ when type == typeof(TimeSpan) => "a duration such as 30s, 5m, 24h or 7d",
            _ when type == typeof(DateOnly) => "a day such as 2027-01-01",
            _ when type == typeof(DateTimeOffset) => "a time such as 2027-01-01T22:00+01:00",
            _ when type == typeof(Rate) => "a rate such as 10/s, 4/m, 1000/d or 4/m burst 1",
            _ when type == typeof(Uri) => "a URL such as https://host/path",
            _ when type == typeof(IpAddress) => "an address or network such as 203.0.113.0/24",
            _ when type == typeof(EmailAddress) => "a mail address",
            _ when type == typeof(DomainName) => "a domain name such as evil.example",
            { IsEnum: true } => "one of " + string.Join(", ", Enum.GetNames(type).Select(Kebab)),
            { IsClass: true } => $"a block of fields below it, for example {string.Join(", ", type.GetProperties().Where(field => field.SetMethod is not null).Take(3).Select(field => Camel(field.Name) + ":"))}",
            _ => type.Name,
        };
        Problem(node, where, $"is '{(node as YamlScalarNode)?.Value}' but must be {shape}");
        return null;
    }

    private static Type? ElementType(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var d && (d == typeof(IReadOnlyList<>) || d == typeof(List<>) || d == typeof(IReadOnlyCollection<>))
            ? type.GetGenericArguments()[0]
            : null;

    private static Type? DictionaryValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() is var d && (d == typeof(IReadOnlyDictionary<,>) || d == typeof(Dictionary<,>))
            ? type.GetGenericArguments()[1]
            : null;

    /// <param name="orAll">Where nothing is near: name everything there is.</param>
    public static string Suggest(string word, IEnumerable<string> known, bool orAll = true)
    {
        var all = known.ToList();
        return Nearest.To(word, all) is { } meant ? $" Did you mean '{meant}'?" : orAll ? $" Known: {string.Join(", ", all)}." : "";
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    public static string Kebab(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
