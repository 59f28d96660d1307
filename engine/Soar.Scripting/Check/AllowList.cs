using Microsoft.CodeAnalysis;

namespace Soar.Scripting.Check;

/// <summary>Who may use a member.</summary>
internal enum Permission
{
    /// <summary>Nobody: not listed, or listed as refused.</summary>
    Nobody,

    /// <summary>The compiler, where it calls it by itself (foreach, await, state machines): never written in a playbook.</summary>
    Compiler,

    /// <summary>The rewriter too: meter, sites, capped replacements.</summary>
    Rewriter,

    /// <summary>A playbook may write it, and the rewriter caps its sizes: it makes much out of little.</summary>
    Capped,

    /// <summary>A playbook may write it, and the rewriter puts a member in its place that asks the meter first.</summary>
    Replaced,

    /// <summary>A playbook may write it.</summary>
    Playbook,
}

/// <summary>
/// The positive list: what is not in <c>allow-list.txt</c> does not exist for playbooks. The file explains its own format. One instance is one
/// deployment's list: <see cref="With"/> adds what its capabilities bring.
/// </summary>
internal sealed class AllowList
{
    /// <summary>The list as shipped.</summary>
    public static AllowList Shipped { get; } = Parse(ReadShipped());

    private readonly Dictionary<string, Permission> types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Permission> members = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> remedies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> typeRemedies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<string>> sizes = new(StringComparer.Ordinal);
    private readonly HashSet<string> open = new(StringComparer.Ordinal);
    private readonly HashSet<string> compilerOpen = new(StringComparer.Ordinal);
    private readonly HashSet<string> delegates = new(StringComparer.Ordinal);
    private readonly HashSet<string> openAssemblies = new(StringComparer.Ordinal);
    private readonly HashSet<string> assemblies = new(StringComparer.Ordinal);
    private readonly HashSet<string> namespaces = new(StringComparer.Ordinal);

    private AllowList()
    {
    }

    /// <summary>Listed types by name, with the permission of their line.</summary>
    public IReadOnlyDictionary<string, Permission> Types => types;

    /// <summary>Listed members by name, with the permission of their line.</summary>
    public IReadOnlyDictionary<string, Permission> Members => members;

    /// <summary>Types of our own whose every public member is allowed (but for the refusals below them).</summary>
    public IReadOnlySet<string> OpenTypes => open;

    /// <summary>Namespaces that a <c>using</c> may name.</summary>
    public IReadOnlySet<string> Namespaces => namespaces;

    /// <summary>Amplifiers and the names of their parameters that go through <c>Soar.Language.Capped.Size</c>.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> Sizes => sizes;

    public Permission Type(string name, string? assembly = null) =>
        types.TryGetValue(name, out var permission) ? permission
        : assembly is not null && OpenAssembly(assembly) ? Permission.Playbook
        : Permission.Nobody;

    public Permission Member(string member, string? assembly = null)
    {
        if (members.TryGetValue(member, out var permission)) return permission;
        if (remedies.ContainsKey(ByName(member))) return Permission.Nobody;
        var split = member.IndexOf("::", StringComparison.Ordinal);
        var type = split < 0 ? member : member[..split];
        if (NeverOpen(member[(split + 2)..])) return Permission.Nobody;
        if (delegates.Contains(type) && member[(split + 2)..] is var called)
        {
            if (called.StartsWith("Invoke(", StringComparison.Ordinal)) return Permission.Playbook;
            if (called.StartsWith(".ctor(", StringComparison.Ordinal)) return Permission.Compiler;
        }

        if (compilerOpen.Contains(type)) return Permission.Compiler;
        return open.Contains(type) || (assembly is not null && OpenAssembly(assembly)) ? Permission.Playbook : Permission.Nobody;
    }

    public bool Assembly(string name) => assemblies.Contains(name) || OpenAssembly(name);

    /// <summary>True when somebody decided about this member: allowed, or refused with a reason.</summary>
    public bool Reviewed(string member)
    {
        var split = member.IndexOf("::", StringComparison.Ordinal);
        return members.ContainsKey(member) || remedies.ContainsKey(ByName(member)) || open.Contains(member[..split]) || compilerOpen.Contains(member[..split]) || delegates.Contains(member[..split]) || remedies.ContainsKey(member[..split] + "::*");
    }

    /// <summary>What to do instead of a refused member or type; null where the list says nothing.</summary>
    public string? Remedy(string member)
    {
        var split = member.IndexOf("::", StringComparison.Ordinal);
        if (split < 0) return typeRemedies.GetValueOrDefault(member) ?? NamespaceRemedy(member);
        return remedies.GetValueOrDefault(member) ?? remedies.GetValueOrDefault(ByName(member)) ?? remedies.GetValueOrDefault(member[..split] + "::*")
            ?? typeRemedies.GetValueOrDefault(member[..split]) ?? NamespaceRemedy(member[..split]);
    }

    /// <summary>Types of this simple name that a line of their own refuses.</summary>
    public IEnumerable<string> RefusedTypes(string simpleName) => typeRemedies.Keys.Where(name => name.EndsWith("." + simpleName, StringComparison.Ordinal));

    /// <summary>
    /// This list and what the capabilities of a deployment bring: the facade assembly as a whole (the engine generated it), and in each assembly with
    /// capability interfaces the types that their actions take and return.
    /// </summary>
    public AllowList With(Compilation compilation)
    {
        var result = new AllowList();
        foreach (var (key, value) in types) result.types[key] = value;
        foreach (var (key, value) in members) result.members[key] = value;
        foreach (var (key, value) in remedies) result.remedies[key] = value;
        foreach (var (key, value) in typeRemedies) result.typeRemedies[key] = value;
        foreach (var (key, value) in sizes) result.sizes[key] = value;
        result.open.UnionWith(open);
        result.compilerOpen.UnionWith(compilerOpen);
        result.delegates.UnionWith(delegates);
        result.openAssemblies.UnionWith(openAssemblies);
        result.assemblies.UnionWith(assemblies);
        result.namespaces.UnionWith(namespaces);
        foreach (var type in CapabilityTypes.Of(compilation))
        {
            var name = MemberNames.OpenType(type);
            if (result.types.ContainsKey(name)) continue;
            result.types[name] = Permission.Playbook;
            result.open.Add(name);
            result.assemblies.Add(type.ContainingAssembly.Name);
        }

        return result;
    }

    /// <summary>Reads the list. Throws <see cref="FormatException"/> with the line on anything it does not understand.</summary>
    public static AllowList Parse(string text)
    {
        var list = new AllowList();
        string? type = null;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            if (line.Length == 0 || line.TrimStart().StartsWith('#')) continue;
            var at = line.IndexOf(" -- ", StringComparison.Ordinal);
            var remark = at < 0 ? "" : line[(at + 4)..].Trim();
            if (at >= 0) line = line[..at].TrimEnd();
            try
            {
                if (line[0] == ' ') list.AddMember(type ?? throw new FormatException("a member before any type"), line.Trim(), remark);
                else type = list.AddHead(line, remark);
            }
            catch (Exception e) when (e is FormatException or ArgumentException)
            {
                throw new FormatException($"allow-list.txt line {number}: {e.Message}: {raw}", e);
            }
        }

        return list;
    }

    private string? AddHead(string line, string remark)
    {
        var space = line.IndexOf(' ');
        if (space < 0) throw new FormatException("expected '<word> <name>'");
        var name = line[(space + 1)..].Trim();
        switch (line[..space])
        {
            case "type": types.Add(name, Permission.Playbook); return name;
            case "compiler-type": types.Add(name, Permission.Compiler); return name;
            case "rewriter-type": types.Add(name, Permission.Rewriter); return name;
            case "delegate":
                types.Add(name, Permission.Playbook);
                delegates.Add(name);
                return name;
            case "compiler-open": types.Add(name, Permission.Compiler); compilerOpen.Add(name); return name;
            case "open": types.Add(name, Permission.Playbook); open.Add(name); return name;
            case "refused":
                if (remark.Length == 0) throw new FormatException("a refusal needs its remedy after ' -- '");
                typeRemedies.Add(name, remark);
                return name.EndsWith('*') ? null : name;
            case "assembly": assemblies.Add(name); return null;
            case "open-assembly": openAssemblies.Add(name); return null;
            case "using": namespaces.Add(name); return null;
            default: throw new FormatException($"unknown word '{line[..space]}'");
        }
    }

    private void AddMember(string type, string line, string remark)
    {
        if (line.Length < 3 || line[1] != ' ') throw new FormatException("expected '<sign> <member>'");
        var name = line[2..].Trim();
        switch (line[0])
        {
            case '+': members.Add($"{type}::{name}", Permission.Playbook); break;
            case '^':
                members.Add($"{type}::{name}", Permission.Capped);
                sizes.Add($"{type}::{name}", remark.Length > 0
                    ? remark.Split(' ').ToHashSet(StringComparer.Ordinal)
                    : throw new FormatException("a capped member names its size parameters after ' -- '"));
                break;
            case '~': members.Add($"{type}::{name}", Permission.Replaced); break;
            case '=': members.Add($"{type}::{name}", Permission.Rewriter); break;
            case '.': members.Add($"{type}::{name}", Permission.Compiler); break;
            case '-':
                remedies.Add($"{type}::{name}", remark);
                if (name.Contains('(', StringComparison.Ordinal)) members.Add($"{type}::{name}", Permission.Nobody);
                break;
            default: throw new FormatException($"unknown sign '{line[0]}'");
        }
    }

    private string? NamespaceRemedy(string type)
    {
        // "refused System.IO.* -- …" speaks for every type of that namespace and those below it.
        for (var dot = type.LastIndexOf('.'); dot > 0; dot = type.LastIndexOf('.', dot - 1))
            if (typeRemedies.TryGetValue(type[..dot] + ".*", out var remedy)) return remedy;
        return null;
    }

    // "Soar.Facades*": the generated facades carry a hash in their name.
    private bool OpenAssembly(string name)
    {
        foreach (var pattern in openAssemblies)
            if (pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern) return true;
        return false;
    }

    private static string ByName(string member)
    {
        var end = member.IndexOf('(', StringComparison.Ordinal);
        var name = end < 0 ? member : member[..end];
        var arity = name.IndexOf('<', name.IndexOf("::", StringComparison.Ordinal));
        return arity < 0 || name[arity - 1] == ':' ? name : name[..arity];
    }

    // What even an open type of ours never lends to a playbook: hash codes differ between processes, the rest is reflection's doorstep.
    private static bool NeverOpen(string member) =>
        member.StartsWith("GetHashCode(", StringComparison.Ordinal) || member.StartsWith("get_EqualityContract(", StringComparison.Ordinal)
        || member.StartsWith("PrintMembers(", StringComparison.Ordinal) || member.StartsWith("GetType(", StringComparison.Ordinal)
        || member.StartsWith("Finalize(", StringComparison.Ordinal) || member.StartsWith("MemberwiseClone(", StringComparison.Ordinal);

    private static string ReadShipped()
    {
        using var stream = typeof(AllowList).Assembly.GetManifestResourceStream("Soar.Scripting.Check.allow-list.txt")
            ?? throw new InvalidOperationException("allow-list.txt is not embedded in Soar.Scripting: the build is broken.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
