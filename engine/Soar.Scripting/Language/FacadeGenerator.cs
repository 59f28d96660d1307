using System.Globalization;
using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Soar.Capabilities;

namespace Soar.Language;

/// <summary>
/// Writes the C# that playbooks are compiled against: <c>PlaybookBase</c> with one property per capability, and a facade class for each. Actions lose <c>Async</c>,
/// context and token, return cold steps, and write their arguments as canonical JSON.
/// </summary>
public static class FacadeGenerator
{
    /// <summary>Namespace of the generated code.</summary>
    public const string Namespace = "Soar.Facades";

    public static string Generate(ActionCatalog catalog)
    {
        var code = new StringBuilder("#nullable enable\n#pragma warning disable\n");
        var docs = new DocTexts();
        // The types that third parties bring are part of what playbooks see: another build of theirs is another surface.
        foreach (var foreign in catalog.Capabilities.Select(c => c.Type.Assembly).Where(a => a != typeof(ActionCatalog).Assembly).Distinct())
            code.Append(CultureInfo.InvariantCulture, $"// {foreign.GetName().Name} {foreign.ManifestModule.ModuleVersionId}\n");
        code.Append("namespace ").Append(Namespace).Append(";\n\n");
        code.Append("/// <summary>What every playbook sees: the language and this deployment's capabilities.</summary>\n");
        code.Append("public abstract class PlaybookBase : global::Soar.Language.Script\n{\n");
        foreach (var capability in catalog.Capabilities)
        {
            var facade = capability.Name + "Facade";
            code.Append(CultureInfo.InvariantCulture, $"    private {facade}? _{capability.Name};\n");
            code.Append(CultureInfo.InvariantCulture, $"    /// <summary>{Xml(capability.Declared.Summary)}</summary>\n");
            code.Append(CultureInfo.InvariantCulture, $"    protected {facade} {capability.Name} => _{capability.Name} ??= new {facade}(this, null);\n");
        }

        code.Append("}\n");
        foreach (var capability in catalog.Capabilities) AppendFacade(code, capability, docs);
        return code.ToString();
    }

    private static void AppendFacade(StringBuilder code, CapabilityDescriptor capability, DocTexts docs)
    {
        var facade = capability.Name + "Facade";
        code.Append(CultureInfo.InvariantCulture, $"\n/// <summary>{Xml(capability.Declared.Summary)}</summary>\npublic sealed class {facade} : global::Soar.Language.Facade\n{{\n");
        code.Append(CultureInfo.InvariantCulture, $"    internal {facade}(global::Soar.Language.Script script, string? instance) : base(script, \"{capability.Name}\", instance, {(capability.BuiltIn ? "true" : "false")}) {{ }}\n");
        if (!capability.BuiltIn)
        {
            code.Append("    /// <summary>The connector instance of this name.</summary>\n");
            code.Append(CultureInfo.InvariantCulture, $"    public {facade} this[string name] => new {facade}(Script, name);\n");
            code.Append("    /// <summary>Every instance that the run knew when it started, the default first.</summary>\n");
            code.Append(CultureInfo.InvariantCulture, $"    public global::System.Collections.Generic.IReadOnlyList<{facade}> All\n    {{\n        get\n        {{\n");
            code.Append(CultureInfo.InvariantCulture, $"            var all = new global::System.Collections.Generic.List<{facade}>();\n            foreach (var name in Instances) all.Add(new {facade}(Script, name));\n            return all;\n        }}\n    }}\n");
        }

        foreach (var action in capability.Actions) AppendAction(code, action, docs);
        code.Append("}\n");
    }

    private static void AppendAction(StringBuilder code, ActionDescriptor action, DocTexts docs)
    {
        var nullability = new NullabilityInfoContext();
        var declared = action.Method.GetParameters();
        // What we add has names that the action's parameters do not have.
        var taken = action.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var (site, written) = (Free("at", taken), Free("arguments", taken));
        var result = action.ResultType is null ? null : TypeName(action.ResultType, null);
        var parameters = action.Parameters.Select((p, i) =>
            $"{TypeName(p.Type, nullability.Create(declared[i]))} @{p.Name}{(p.HasDefault ? " = " + Literal(p) : "")}").Append($"global::Soar.Language.Site {site} = default");
        var step = result is null ? "global::Soar.Language.Step" : $"global::Soar.Language.Step<{result}>";
        var fallbackId = $"{action.Capability.Name}-{action.Name}".ToLowerInvariant();
        var calls = string.Concat(action.Parameters.Select(p => p.HasDefault && p.Default is not null
            ? $"        if (!global::System.Collections.Generic.EqualityComparer<{TypeName(p.Type, null)}>.Default.Equals(@{p.Name}, {Literal(p)})) {written}.Add(\"{p.Name}\", @{p.Name});\n"
            : p.HasDefault && p.Type.IsValueType && Nullable.GetUnderlyingType(p.Type) is null && p.Type != typeof(Text)
                ? $"        if (!global::System.Collections.Generic.EqualityComparer<{TypeName(p.Type, null)}>.Default.Equals(@{p.Name}, default)) {written}.Add(\"{p.Name}\", @{p.Name});\n"
                : p.HasDefault && p.Type == typeof(Text)
                    ? $"        {written}.Add(\"{p.Name}\", @{p.Name}.ToStringOrNull());\n"
                    : $"        {written}.Add(\"{p.Name}\", @{p.Name});\n"));
        var body = new StringBuilder();
        body.Append(CultureInfo.InvariantCulture, $"    public {step} {action.Name}({string.Join(", ", parameters)})\n    {{\n        var {written} = this.Arguments();\n{calls}");
        body.Append(CultureInfo.InvariantCulture, $"        return this.Call{(result is null ? "" : $"<{result}>")}(\"{action.Id}\", \"{fallbackId}\", {written}, {site});\n    }}\n");
        docs.Append(code, action);
        code.Append(body);
        if (action.Id != "lists.read") return;
        code.Append("    /// <summary>Reads a list's newest version: <c>await Lists[\"facilities\"]</c>. The run keeps that version.</summary>\n");
        code.Append("    public global::Soar.Language.Step<global::Soar.Capabilities.ListTable> this[string name, global::Soar.Language.Site at = default] => Read(name, at);\n");
    }

    private static string Free(string name, HashSet<string> taken)
    {
        while (taken.Contains(name)) name = "_" + name;
        return name;
    }

    /// <summary>A type as C# source, with the nullable annotations that the interface has.</summary>
    private static string TypeName(Type type, NullabilityInfo? nullability)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return TypeName(underlying, null) + "?";
        var suffix = nullability is { ReadState: NullabilityState.Nullable } && !type.IsValueType ? "?" : "";
        if (type.IsArray) return TypeName(type.GetElementType()!, nullability?.ElementType) + "[]" + suffix;
        if (!type.IsGenericType) return "global::" + type.FullName!.Replace('+', '.') + suffix;
        var name = type.GetGenericTypeDefinition().FullName!;
        var arguments = type.GetGenericArguments().Select((a, i) => TypeName(a, nullability?.GenericTypeArguments.ElementAtOrDefault(i)));
        return $"global::{name[..name.IndexOf('`')].Replace('+', '.')}<{string.Join(", ", arguments)}>{suffix}";
    }

    private static string Literal(ActionParameter parameter) => parameter.Default switch
    {
        null => "default",
        string text => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true),
        bool yes => yes ? "true" : "false",
        Enum value => $"({TypeName(parameter.Type, null)}){Convert.ToInt64(value, CultureInfo.InvariantCulture)}",
        IFormattable number => $"({TypeName(Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type, null)})({number.ToString(null, CultureInfo.InvariantCulture)})",
        var other => throw new SoarException("SOAR4010", $"The default of parameter '{parameter.Name}' is a {other.GetType().Name}, which no facade can carry."),
    };

    private static string Xml(string text) => new XText(text).ToString();

    /// <summary>The XML documentation beside the capability assemblies, as far as it is there.</summary>
    private sealed class DocTexts
    {
        private readonly Dictionary<string, Dictionary<string, XElement>> files = new(StringComparer.Ordinal);

        public void Append(StringBuilder code, ActionDescriptor action)
        {
            var method = action.Method;
            var members = Of(method.DeclaringType!.Assembly);
            var prefix = $"M:{method.DeclaringType.FullName}.{method.Name}(";
            var member = members.FirstOrDefault(m => m.Key.StartsWith(prefix, StringComparison.Ordinal)).Value;
            if (member is not null)
            {
                var shown = member.Elements().Where(e => e.Name != "param" || action.Parameters.Any(p => p.Name == (string?)e.Attribute("name")));
                foreach (var line in shown.SelectMany(e => e.ToString().Split('\n')))
                    code.Append("    /// ").Append(line.Trim()).Append('\n');
            }

            code.Append(CultureInfo.InvariantCulture, $"    /// <remarks>Effect: {action.Effect}.</remarks>\n");
        }

        private Dictionary<string, XElement> Of(Assembly assembly)
        {
            if (files.TryGetValue(assembly.Location, out var members)) return members;
            var file = Path.ChangeExtension(assembly.Location, ".xml");
            members = !File.Exists(file)
                ? []
                : XDocument.Load(file).Descendants("member").Where(m => m.Attribute("name") is not null)
                    .GroupBy(m => m.Attribute("name")!.Value).ToDictionary(m => m.Key, m => m.First(), StringComparer.Ordinal);
            files.Add(assembly.Location, members);
            return members;
        }
    }
}
