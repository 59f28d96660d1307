using System.ComponentModel;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Language;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>The manual is held against the language: what playbooks can say has an example there, and every example is compiled (<see cref="LanguageManualTests"/>).</summary>
public sealed class LanguageWordsTests
{
    /// <summary>A word without an example is one that an engineer finds out about by chance.</summary>
    [Fact]
    public void Every_word_of_the_language_stands_in_an_example()
    {
        var used = Trees.SelectMany(Words).ToHashSet(StringComparer.Ordinal);

        Assert.Empty(Surface().Where(word => !used.Contains(word)).Order(StringComparer.Ordinal));
    }

    /// <summary>What tells that the test above looks at what it says: words of each kind are among those that it asks for.</summary>
    [Fact]
    public void The_words_that_must_have_an_example_are_those_that_playbooks_have()
    {
        var asked = Surface().ToHashSet(StringComparer.Ordinal);

        Assert.Superset(new HashSet<string> { "Ask", "All", "TryForEach", "Run", "Run<>", "Form<>", "Receive<>", "RunAgain", "Alert", "Now", "Input", "On.Schedule", ".Retry", ".Timeout", ".Titled", ".With", ".Escalated", "StepRefused", "ItemsFailed", "OperationCanceledException",
            ".Failures", ".Attempts", "Regex.Matches", "Observables.Defang", "Case.Note", "Http", "Ssh", "Chat" }, asked);
        Assert.DoesNotContain("Body", asked);
    }

    public static TheoryData<SyntaxKind> Constructs =>
    [
        SyntaxKind.ClassDeclaration, SyntaxKind.RecordDeclaration, SyntaxKind.EnumDeclaration, SyntaxKind.LocalFunctionStatement, SyntaxKind.UsingStatement, SyntaxKind.TryStatement, SyntaxKind.CatchFilterClause,
        SyntaxKind.FinallyClause, SyntaxKind.ThrowStatement, SyntaxKind.SwitchStatement, SyntaxKind.SwitchExpression, SyntaxKind.ForStatement, SyntaxKind.ForEachStatement, SyntaxKind.WhileStatement, SyntaxKind.YieldReturnStatement,
        SyntaxKind.ParenthesizedLambdaExpression, SyntaxKind.SimpleLambdaExpression, SyntaxKind.TupleExpression, SyntaxKind.WithExpression, SyntaxKind.RangeExpression, SyntaxKind.IndexExpression, SyntaxKind.CollectionExpression,
        SyntaxKind.SpreadElement, SyntaxKind.ListPattern, SyntaxKind.RecursivePattern, SyntaxKind.AnonymousObjectCreationExpression, SyntaxKind.ConstKeyword, SyntaxKind.MultiLineRawStringLiteralToken, SyntaxKind.CheckedExpression,
    ];

    [Theory]
    [MemberData(nameof(Constructs))]
    public void Every_construct_of_CSharp_that_the_manual_speaks_of_stands_in_an_example(SyntaxKind construct) =>
        Assert.Contains(Trees, tree => tree.DescendantNodesAndTokens().Any(part => part.IsKind(construct)));

    /// <summary>The examples that compile.</summary>
    private static IEnumerable<SyntaxNode> Trees => LanguageManualTests.Examples().Select(row => row.Data).Where(example => example.Item2.Length == 0)
        .Select(example => CSharpSyntaxTree.ParseText(example.Item3, new CSharpParseOptions(LanguageVersion.CSharp14)).GetRoot());

    /// <summary>Names, names with their own type arguments (<c>Run&lt;&gt;</c>), what follows a dot (<c>.With</c>) and what follows a plain name (<c>On.Alert</c>).</summary>
    private static IEnumerable<string> Words(SyntaxNode root) => root.DescendantNodes().OfType<SimpleNameSyntax>().SelectMany(name =>
    {
        var word = name.Identifier.ValueText;
        var generic = name is GenericNameSyntax ? word + "<>" : word;
        var behind = name.Parent is MemberAccessExpressionSyntax access && access.Name == name ? access : null;
        return behind is null ? [generic] : behind.Expression is IdentifierNameSyntax owner ? new[] { "." + generic, $"{owner.Identifier.ValueText}.{generic}" } : ["." + generic];
    });

    /// <summary>All that playbooks see as words of the language, from the classes that they are made of and the checker's list.</summary>
    private static IEnumerable<string> Surface()
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        static bool Seen(MemberInfo member) => member.GetCustomAttribute<EditorBrowsableAttribute>()?.State != EditorBrowsableState.Never;
        static string Called(MethodInfo method) => method.IsGenericMethodDefinition && !method.GetParameters().Any(p => method.GetGenericArguments().Any(t => Mentions(p.ParameterType, t))) ? method.Name + "<>" : method.Name;

        var script = typeof(Script).GetMembers(Declared).Where(Seen).ToList();
        var words = script.OfType<MethodInfo>().Where(m => (m.IsFamily || m.IsPublic) && !m.IsSpecialName).Select(m => m.Name == "Input" ? m.Name : Called(m))
            .Concat(script.OfType<PropertyInfo>().Where(p => p.GetMethod is { IsFamily: true } or { IsPublic: true }).Select(p => p.Name))
            .Concat(typeof(Script).GetNestedType("Triggers", BindingFlags.NonPublic)!.GetMethods(Declared).Where(m => m.IsPublic).Select(m => "On." + m.Name))
            .Concat(Members(typeof(Step)).Where(name => name != "GetAwaiter").Select(name => "." + name))
            .Concat(typeof(Outcome).GetMethods(Declared).Where(m => m.IsPublic && m.IsStatic && m.ReturnType == typeof(Outcome)).Select(m => "." + m.Name))
            .Concat(Members(typeof(OutcomeValues)).Select(name => "." + name));
        var failures = typeof(StepException).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(StepException))).ToList();
        words = words.Concat(failures.Select(t => t.Name)).Append(nameof(OperationCanceledException))
            .Concat(failures.Append(typeof(ItemResult)).Append(typeof(ItemResult<>)).SelectMany(t => t.GetProperties(Declared).Where(p => p.GetMethod!.IsPublic)).Select(p => "." + p.Name));
        foreach (var type in new[] { typeof(Regex), typeof(Observables) })
            words = words.Concat(Members(type).Select(name => $"{type.Name}.{name}"));
        foreach (var capability in Catalog.Capabilities)
            words = words.Append(capability.Name).Concat(capability.Name is "Case" ? capability.Actions.Select(action => $"Case.{action.Name}") : []);
        return words.Distinct(StringComparer.Ordinal);

        static IEnumerable<string> Members(Type type) => type.GetMethods(Declared).Where(m => m.IsPublic && !m.IsSpecialName && m.GetBaseDefinition().DeclaringType != typeof(object)).Select(m => m.Name).Distinct();
        static bool Mentions(Type type, Type parameter) => type == parameter || (type.HasElementType && Mentions(type.GetElementType()!, parameter)) || type.GetGenericArguments().Any(t => Mentions(t, parameter));
    }
}
