using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Soar.Language;
using Soar.Scripting.Check;

namespace Soar.Tests.Scripting.Check;

public sealed class AllowListTests
{
    private static readonly CSharpCompilation Framework = CSharpCompilation.Create("framework", [],
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Soar.", StringComparison.Ordinal)))
            .Append(typeof(Alert).Assembly.Location).Append(typeof(Script).Assembly.Location).Distinct(StringComparer.Ordinal)
            .Select(path => MetadataReference.CreateFromFile(path)),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary).WithMetadataImportOptions(MetadataImportOptions.Public));

    /// <summary>
    /// Fails when the framework (or our own Core and language) grows a member on a type that playbooks may use: <c>Enumerable.Shuffle</c> came with .NET 10
    /// and is random. Copy the lines it prints below their type in allow-list.txt, with + for members that are deterministic, bounded and reach nothing, or -.
    /// </summary>
    [Fact]
    public void Every_member_of_a_listed_framework_type_was_reviewed()
    {
        var found = Types().ToDictionary(t => MemberNames.OpenType(t), t => t, StringComparer.Ordinal);
        var unreviewed = new List<string>();
        foreach (var (name, permission) in AllowList.Shipped.Types)
        {
            if (permission != Permission.Playbook || !found.TryGetValue(name, out var type)) continue;
            unreviewed.AddRange(Members(type).Where(m => !AllowList.Shipped.Reviewed(m)));
        }

        Assert.True(unreviewed.Count == 0, "Not reviewed yet; add each to allow-list.txt with + or -:\n" + string.Join('\n', unreviewed));
    }

    /// <summary>A line that names nothing is a review of nothing: a typing error, or a member that went away.</summary>
    [Fact]
    public void Every_line_of_the_list_names_something_that_exists()
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var members = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in Types())
        {
            types.Add(MemberNames.OpenType(type));
            members.UnionWith(Members(type));
        }

        Assert.Empty(AllowList.Shipped.Types.Keys.Where(t => !types.Contains(t)));
        Assert.Empty(AllowList.Shipped.Members.Keys.Where(m => !members.Contains(m)));
    }

    [Fact]
    public void Nothing_that_reaches_outside_is_on_the_list()
    {
        string[] outside =
        [
            "System.IO.File::ReadAllText(string)", "System.IO.Path::GetTempFileName()", "Environment::get_MachineName()", "System.Threading.Tasks.Task::Run(Action)",
            "object::GetType()", "DateTime::get_UtcNow()", "DateTimeOffset::get_Now()", "Guid::NewGuid()", "Random::Next()", "string::GetHashCode()", "Type::GetType(string)",
            "System.Linq.Enumerable::Shuffle<1>(IEnumerable<M0>)", "Activator::CreateInstance<1>()", "Console::WriteLine(string)", "Exception::get_StackTrace()",
            "Soar.Language.Script::Body()", "Soar.Language.Meter::Loop()",
        ];
        Assert.All(outside, member => Assert.True(AllowList.Shipped.Member(member) is Permission.Nobody or Permission.Rewriter or Permission.Compiler, member));
    }

    [Theory]
    [InlineData("type", "line 1")]
    [InlineData("frobnicate X", "line 1")]
    [InlineData("  + ToString()", "line 1")]
    [InlineData("type X\n  ? ToString()", "line 2")]
    [InlineData("type X\n  ^ Pad(int)", "line 2")]
    [InlineData("type X\ntype X", "line 2")]
    [InlineData("refused X", "line 1")]
    public void A_line_that_cannot_be_read_is_an_error_with_its_number(string text, string where) =>
        Assert.Contains(where, Assert.Throws<FormatException>(() => AllowList.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_not_listed_is_refused()
    {
        var list = AllowList.Parse("type A\n  + Good()\n  - Bad -- SOAR1221 Use Good().\nopen B\n  - Evil");

        Assert.Equal(Permission.Playbook, list.Member("A::Good()"));
        Assert.Equal(Permission.Nobody, list.Member("A::Good(int)"));
        Assert.Equal(Permission.Nobody, list.Member("A::Bad(string)"));
        Assert.Equal(Permission.Nobody, list.Member("C::Good()"));
        Assert.Equal(Permission.Nobody, list.Type("C"));
        Assert.Equal(Permission.Playbook, list.Member("B::Anything()"));
        Assert.Equal(Permission.Nobody, list.Member("B::Evil()"));
        Assert.Equal(Permission.Nobody, list.Member("B::GetHashCode()"));
        Assert.Equal("SOAR1221 Use Good().", list.Remedy("A::Bad(string)"));
    }

    private static IEnumerable<INamedTypeSymbol> Types()
    {
        var rest = new Stack<INamespaceOrTypeSymbol>(Framework.References.Select(Framework.GetAssemblyOrModuleSymbol).OfType<IAssemblySymbol>().Select(a => a.GlobalNamespace));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (rest.TryPop(out var next))
        {
            foreach (var type in next.GetTypeMembers()) rest.Push(type);
            if (next is INamespaceSymbol space) foreach (var inner in space.GetNamespaceMembers()) rest.Push(inner);
            if (next is INamedTypeSymbol { DeclaredAccessibility: Accessibility.Public or Accessibility.Protected } found && seen.Add(MemberNames.OpenType(found))) yield return found;
        }
    }

    private static IEnumerable<string> Members(INamedTypeSymbol type) =>
        type.GetMembers().Where(m => m is IMethodSymbol or IFieldSymbol
                && m.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
                && m.MetadataName.IndexOf('.', 1) <= 0)
            .Select(MemberNames.Member).Distinct(StringComparer.Ordinal);
}
