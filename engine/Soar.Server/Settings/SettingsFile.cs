using Soar.Connectors;
using Soar.Connectors.Mime;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Settings;

/// <summary>
/// Reads <c>soar.yaml</c> as a whole: either everything in it is right, or one error lists everything that is wrong, each with its line.
/// </summary>
internal static class SettingsFile
{
    public static SoarSettings Read(string? path, ConnectorRegistry registry, Func<string, ConnectorServices> services)
    {
        if (path is null || Load(path) is not { } root) return new SoarSettings();
        var binder = new YamlBinder(path, Path.GetDirectoryName(Path.GetFullPath(path))!);
        var settings = binder.Bind(typeof(SoarSettings), root, "", "connectors") as SoarSettings;
        if (settings is IValidatedSettings whole) binder.Validate(whole, root, "");

        var mime = new MimeCapability(settings?.Mime ?? new MimeSettings());
        if (root is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode("connectors"), out var connectors))
        {
            if (connectors is YamlMappingNode entries)
            {
                foreach (var (name, entry) in entries.Children)
                {
                    var instance = ((YamlScalarNode)name).Value!;
                    if (entry is YamlMappingNode fields) registry.Add(instance, fields, binder, name => services(name) with { Mime = mime });
                    else binder.Problem(entry, $"connectors.{instance}", "must have fields; at least 'type:'");
                }
            }
            else if (connectors is not YamlScalarNode { Value: null or "" })
            {
                binder.Problem(connectors, "connectors", "must be a list of names, each with its fields");
            }
        }

        if (binder.Problems.Count > 0)
            throw new SoarException("SOAR4002", $"The settings cannot be used:\n  {string.Join("\n  ", binder.Problems)}");
        return settings!;
    }

    /// <summary>Every name in the file must be a text: YAML allows lists and fields as names, nothing here does.</summary>
    private static IEnumerable<string> BadNames(YamlNode node, string path) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(entry => entry.Key is YamlScalarNode { Value.Length: > 0 }
            ? BadNames(entry.Value, path)
            : [$"{path}:{entry.Key.Start.Line}: a {(entry.Key is YamlScalarNode ? "name is empty" : entry.Key is YamlSequenceNode ? "list stands where a name is expected" : "set of fields stands where a name is expected")}"]),
        YamlSequenceNode list => list.Children.SelectMany(item => BadNames(item, path)),
        _ => [],
    };

    /// <summary>Only the folders, which are needed before the connectors are known.</summary>
    public static (string? Store, string? Playbooks, string? Connectors) Folders(string path)
    {
        var map = Load(path) as YamlMappingNode;
        string? Text(string key) => map is not null && map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? (node as YamlScalarNode)?.Value : null;
        return (Text("store"), Text("playbooks"), Text("connectorFolder"));
    }

    private static YamlNode? Load(string path)
    {
        var document = new YamlStream();
        try
        {
            using var reader = new StreamReader(path);
            document.Load(reader);
        }
        catch (YamlException error)
        {
            throw new SoarException("SOAR4002", $"{path}:{error.Start.Line}: this is not YAML: {error.InnerException?.Message ?? error.Message}", error);
        }

        catch (InvalidOperationException error) // the reader's own way to say that something is never closed
        {
            throw new SoarException("SOAR4002", $"{path}: this is not YAML: a bracket, brace or quote is opened and never closed.", error);
        }

        if (document.Documents.Count == 0) return null;
        var root = document.Documents[0].RootNode;
        var bad = BadNames(root, path).ToList();
        return bad.Count == 0 ? root : throw new SoarException("SOAR4002", $"The settings cannot be used:\n  {string.Join("\n  ", bad)}");
    }
}
