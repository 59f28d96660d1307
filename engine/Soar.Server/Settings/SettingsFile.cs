using Soar.Connectors;
using Soar.Connectors.Mime;
using Soar.Server.Credentials;
using YamlDotNet.RepresentationModel;

namespace Soar.Server.Settings;

/// <summary>
/// Reads <c>soar.yaml</c> as a whole: either everything in it is right, or one error lists everything that is wrong, each with its line.
/// </summary>
internal static class SettingsFile
{
    /// <summary>Settings that refer to no credential.</summary>
    public static SoarSettings Read(string? path, ConnectorRegistry registry, Func<string, ConnectorServices> services) => Read(path, registry, services, CredentialValues.None);

    public static SoarSettings Read(string? path, ConnectorRegistry registry, Func<string, ConnectorServices> services, CredentialValues credentials)
    {
        if (path is null || Load(path) is not { } root) return new SoarSettings();
        var binder = new YamlBinder(path, Path.GetDirectoryName(Path.GetFullPath(path))!, credentials);
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
                binder.Problem(connectors, "connectors", "must be names, each with its fields below it and no dash before it: 'edge:', and below it 'type: nftables'");
            }
        }

        if (binder.Problems.Count == 0 && settings is not null)
        {
            // Which instances there are is known only now.
            foreach (var (field, problem) in settings.Notify.Problems(registry)) binder.Problem(root, field, problem);
        }

        if (binder.Problems.Count > 0)
            throw new SoarException("SOAR4002", $"The settings cannot be used:\n  {string.Join("\n  ", binder.Problems)}");
        // Not of connectors only: what a hook or a collector is given may come back to us through one.
        registry.Mask(InstanceSettings.SecretsIn(settings));
        if (credentials != CredentialValues.None) credentials.Replaced += registry.Mask;
        return settings!;
    }

    /// <summary>Only the keys that credentials are encrypted under, also where the rest cannot be used.</summary>
    public static KeyRing Keys(string? path)
    {
        if (path is null || Load(path) is not YamlMappingNode map || !map.Children.TryGetValue(new YamlScalarNode("credentials"), out var block)) return KeyRing.Empty;
        var binder = new YamlBinder(path, Path.GetDirectoryName(Path.GetFullPath(path))!, CredentialValues.None);
        var settings = binder.Bind(typeof(CredentialSettings), block, "credentials.") as CredentialSettings;
        var problems = binder.Problems.Concat(binder.Problems.Count > 0 || settings is null ? [] : settings.Problems().Select(problem => $"{path}:{block.Start.Line}: credentials.{problem}")).ToList();
        return problems.Count == 0 ? KeyRing.Of(settings!) : throw new SoarException("SOAR4002", $"The settings cannot be used:\n  {string.Join("\n  ", problems)}");
    }

    /// <summary>Only the folders, which are needed before the connectors are known.</summary>
    public static (string? Store, string? Playbooks, string? Connectors) Folders(string path)
    {
        var map = Load(path) as YamlMappingNode;
        string? Text(string key) => map is not null && map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? (node as YamlScalarNode)?.Value : null;
        return (Text("store"), Text("playbooks"), Text("connectorFolder"));
    }

    private static YamlNode? Load(string path)
    {
        var problems = new List<string>();
        var root = YamlText.Load(path, path, problems);
        return problems.Count == 0 ? root : throw new SoarException("SOAR4002", $"The settings cannot be used:\n  {string.Join("\n  ", problems)}");
    }
}
