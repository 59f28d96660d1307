using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;
using Soar.Hosting;

namespace Soar.Scripting.Compile;

/// <summary>A lambda of the header, compiled alone so that the engine can ask it without starting a run.</summary>
/// <param name="Name"><c>trigger:0</c> or <c>input:address</c>.</param>
/// <param name="Span">The lambda in the bare file.</param>
/// <param name="DelegateType">Full name of the delegate it becomes.</param>
/// <param name="OfCase">True where it is asked of a case (<c>On.Case</c>), false where of an alert.</param>
internal sealed record HeaderLambda(string Name, TextSpan Span, string DelegateType, bool OfCase, int Line);

/// <summary>What a header says, and where the body begins.</summary>
/// <param name="Header">Null when there is no usable <c>Playbook(…)</c>.</param>
/// <param name="Constants">Declarations of <c>const</c> among the header's statements, in the bare file: its lambdas may name them.</param>
internal sealed record HeaderReading(PlaybookHeader? Header, IReadOnlyList<HeaderLambda> Lambdas, IReadOnlyList<TextSpan> Constants, IReadOnlyList<PlaybookDiagnostic> Diagnostics);

/// <summary>
/// What <c>Playbook</c>, <c>On.*</c> and <c>Input</c> mean, from their syntax (<see cref="HeaderSyntax"/>) and the types; nothing is executed. Reports everything that is wrong, each at
/// the argument that is to blame.
/// </summary>
internal sealed partial class HeaderReader(PlaybookSource source, Splice splice, SemanticModel model)
{
    private readonly List<PlaybookDiagnostic> findings = [];
    private readonly List<TriggerHeader> triggers = [];
    private readonly List<InputHeader> inputs = [];
    private readonly List<HeaderLambda> lambdas = [];
    private readonly List<TextSpan> constants = [];
    private readonly List<InvocationExpressionSyntax> schedules = [];
    private readonly List<string> needed = [];
    private PlaybookHeader? header;
    private bool sawPlaybook;

    public HeaderReading Read(IReadOnlyList<StatementSyntax> statements, CancellationToken cancellation)
    {
        var body = false;
        foreach (var statement in statements)
        {
            cancellation.ThrowIfCancellationRequested();
            if (HeaderSyntax.Of(statement) is { } call)
            {
                if (body) Report(call.Call.Expression, "SOAR1011", $"{call.Word} stands behind the first statement of the body.", "Move it up: Playbook, On and Input come first.");
                else Statement(call);
            }
            else if (statement is LocalDeclarationStatementSyntax { IsConst: true })
            {
                if (!body) constants.Add(BareSpan(statement));
            }
            else
            {
                body = true;
            }
        }

        if (!sawPlaybook)
        {
            findings.Add(source.At(new TextSpan(0, 0), "SOAR1010", "The file does not begin with Playbook(…).",
                "Write as its first statement: Playbook(\"name\", version: \"1.0.0\", type: PlaybookType.Mitigation, tlp: Tlp.Amber, summary: \"What it does.\");"));
        }

        HeaderWordsInside(statements);
        ClockGivesNothing();
        return new(header is null ? null : header with { Triggers = triggers, Inputs = inputs }, lambdas, constants, findings);
    }

    private void Statement(HeaderCall call)
    {
        if (model.GetOperation(call.Call) is not IInvocationOperation operation || operation.TargetMethod.ContainingNamespace?.ToDisplayString() != "Soar.Language")
        {
            // The compiler's own diagnostic says what is wrong with the call; it is there all the same.
            sawPlaybook |= call.Word == "Playbook" && model.GetOperation(call.Call) is not IInvocationOperation;
            return;
        }

        if (call.Word == "Playbook") Playbook(call.Statement, call.Call, operation);
        else if (call.Word == "Input") Input(call.Call, operation);
        else Trigger(call.Call, operation);
    }

    private void Playbook(StatementSyntax statement, InvocationExpressionSyntax call, IInvocationOperation operation)
    {
        if (sawPlaybook)
        {
            Report(call.Expression, "SOAR1012", "Playbook is said twice.", "Keep one.");
            return;
        }

        sawPlaybook = true;
        if (statement != source.Statements[0] && BareSpan(statement).Start != source.Statements[0].SpanStart)
            Report(call.Expression, "SOAR1010", "Playbook(…) is not the first statement.", "Move it to the top of the file.");
        var name = Text(operation, "name");
        if (name is not null && !IsSlug(name))
            Report(ArgumentSyntax(operation, "name"), "SOAR1013", $"'{name}' is no name for a playbook.", "Use 1 to 80 of a-z, 0-9 and single dashes between them, for example block-attacking-address.");
        var version = Text(operation, "version");
        if (version is not null && !SemVer().IsMatch(version))
            Report(ArgumentSyntax(operation, "version"), "SOAR1014", $"'{version}' is no semantic version.", "Write major.minor.patch, for example 1.0.0 or 2.1.0-beta.1.");
        var type = Value(operation, "type") as EnumMember;
        var tlp = Value(operation, "tlp") as EnumMember;
        var summary = Text(operation, "summary");
        if (summary is not null && summary.Trim().Length == 0)
            Report(ArgumentSyntax(operation, "summary"), "SOAR1015", "The summary is empty.", "Say in one sentence what the playbook does: people choose by it.");
        if (name is null || version is null || type is null || tlp is null || summary is null) return;
        header = new() { Name = name, Version = version, Type = type.As<PlaybookType>(), Tlp = tlp.As<Tlp>(), Summary = summary };
    }

    private void Trigger(InvocationExpressionSyntax call, IInvocationOperation operation)
    {
        var kind = operation.TargetMethod.Name.ToLowerInvariant();
        var line = source.LineOf(BareSpan(call).Start);
        string? lambda = null;
        var texts = new List<string>();
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var argument in operation.Arguments.Where(a => a.ArgumentKind == ArgumentKind.Explicit).OrderBy(a => a.Syntax.SpanStart))
        {
            if (argument.Parameter?.Type is INamedTypeSymbol { TypeKind: TypeKind.Delegate } delegateType)
            {
                lambda = $"trigger:{triggers.Count}";
                if (Lambda(argument, delegateType, lambda) is { } text) texts.Add(text);
            }
            else if (Value(argument) is { } value)
            {
                texts.Add(value is EnumMember member ? member.Name : value.ToString()!);
                values[argument.Parameter!.Name] = value;
                Check(kind, argument, value.ToString()!);
            }
        }

        if (kind == "schedule") schedules.Add(call);
        triggers.Add(new(kind, lambda, string.Join(" ", texts), line) { Schedule = kind == "schedule" ? Schedule(values) : null });
    }

    private static ScheduleHeader Schedule(IReadOnlyDictionary<string, object> said)
    {
        T Member<T>(string name, T otherwise) where T : struct, Enum => said.GetValueOrDefault(name) is EnumMember member ? member.As<T>() : otherwise;
        return new(said.GetValueOrDefault("cron") as string ?? "", said.GetValueOrDefault("zone") as string ?? "UTC", said.GetValueOrDefault("calendar") as string,
            Member("missed", Missed.Once), Member("overlap", Overlap.Skip));
    }

    /// <summary>The clock brings no values: what it starts lives on defaults.</summary>
    private void ClockGivesNothing()
    {
        foreach (var name in needed)
        {
            foreach (var schedule in schedules)
                Report(schedule, "SOAR1034", $"The clock cannot start this playbook: nothing gives its input '{name}' then.", $"Give it a default: Input(\"{name}\", …, \"…\"), or leave the clock to another playbook that runs this one.");
        }
    }

    private void Check(string kind, IArgumentOperation argument, string value)
    {
        switch (kind, argument.Parameter!.Name)
        {
            case ("schedule", "cron") when CronText.Problem(value) is { } problem:
                Report(argument.Value.Syntax, "SOAR1017", $"'{value}' is no cron expression: {problem}", "Write six or seven fields (second minute hour day month weekday [year]), for example \"0 0 6 ? * MON-FRI\".");
                break;
            case ("schedule", "zone") when !TimeZoneInfo.TryFindSystemTimeZoneById(value, out _):
                Report(argument.Value.Syntax, "SOAR1018", $"'{value}' is no time zone of this machine.", "Write an IANA name, for example \"Europe/Kyiv\" or \"UTC\".");
                break;
            case ("schedule", "calendar") when !IsSlug(value):
                Report(argument.Value.Syntax, "SOAR1035", $"'{value}' is no name for a calendar.", "Use a-z, 0-9 and single dashes, as soar.yaml has it under 'calendars'.");
                break;
            case ("webhook", _) when !IsSlug(value):
                Report(argument.Value.Syntax, "SOAR1019", $"'{value}' is no name for a webhook.", "Use a-z, 0-9 and single dashes: it becomes part of an address.");
                break;
        }
    }

    private void Input(InvocationExpressionSyntax call, IInvocationOperation operation)
    {
        var name = Text(operation, "name");
        var description = Text(operation, "description");
        if (name is not null && !InputName().IsMatch(name))
            Report(ArgumentSyntax(operation, "name"), "SOAR1016", $"'{name}' is no name for an input.", "Use a lower-case letter, then letters, digits or dashes, for example attackingAddress.");
        else if (name is not null && inputs.Any(input => input.Name == name))
            Report(ArgumentSyntax(operation, "name"), "SOAR1020", $"There are two inputs '{name}'.", "Give each its own name: people and tests set them by name.");
        string? from = null;
        string? json = null;
        var defaulted = false;
        foreach (var argument in operation.Arguments.Where(a => a.ArgumentKind == ArgumentKind.Explicit))
        {
            if (argument.Parameter is not { } parameter) continue;
            if (parameter.Type is INamedTypeSymbol { TypeKind: TypeKind.Delegate } delegateType)
            {
                from = $"input:{name}";
                Lambda(argument, delegateType, from);
            }
            else if (parameter.OriginalDefinition.Type.TypeKind == TypeKind.TypeParameter || parameter.Name is not ("name" or "description"))
            {
                var read = ReadValue(argument);
                defaulted = true;
                if (read.Ok) json = HeaderValues.ToJson(read.Value);
            }
        }

        if (name is null || description is null) return;
        var type = call.Expression is GenericNameSyntax { TypeArgumentList.Arguments: [var written] }
            ? written.ToString()
            : operation.TargetMethod.TypeArguments.FirstOrDefault()?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat) ?? "string";
        inputs.Add(new(name, type, description, json, from, source.LineOf(BareSpan(call).Start)));
        if (!defaulted && !type.EndsWith('?')) needed.Add(name);
    }

    private string? Lambda(IArgumentOperation argument, INamedTypeSymbol type, string name)
    {
        var syntax = argument.Syntax is ArgumentSyntax given ? given.Expression : argument.Value.Syntax;
        if (syntax is LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NullLiteralExpression }) return null;
        if (syntax is not LambdaExpressionSyntax lambda)
        {
            Report(syntax, "SOAR1025", "Only a lambda written in place can be asked without starting a run.", "Write alert => … here.");
            return null;
        }

        if (lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword))
            Report(syntax, "SOAR1026", "A header's lambda is asked before any run begins, so it cannot wait for steps.", "Ask the alert only; do the rest in the body.");
        foreach (var reference in lambda.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(reference).Symbol;
            var outside = symbol switch
            {
                ILocalSymbol { IsConst: true } => false,
                ILocalSymbol or IParameterSymbol or IMethodSymbol { MethodKind: MethodKind.LocalFunction } =>
                    symbol.DeclaringSyntaxReferences.All(declared => !lambda.Span.Contains(declared.Span)),
                IPropertySymbol { IsStatic: false } or IMethodSymbol { IsStatic: false, MethodKind: MethodKind.Ordinary } or IFieldSymbol { IsStatic: false } =>
                    reference.Parent is not MemberBindingExpressionSyntax && !(reference.Parent is MemberAccessExpressionSyntax access && access.Name == reference)
                    && reference.Parent is not (SubpatternSyntax or NameColonSyntax or ExpressionColonSyntax)
                    && !(reference.Parent is AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax }),
                _ => false,
            };
            if (outside)
                Report(reference, "SOAR1027", $"'{reference}' does not exist when this lambda is asked: no run has begun yet.", "Use the alert that it is given, and constants.");
        }

        lambdas.Add(new(name, BareSpan(lambda), type.ToDisplayString(NullableFull), type.TypeArguments[0].Name == nameof(CaseState), source.LineOf(BareSpan(lambda).Start)));
        return string.Join(' ', lambda.ToString().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A header word in a block, a function or a declaration of several variables would never be read.</summary>
    private void HeaderWordsInside(IReadOnlyList<StatementSyntax> statements)
    {
        foreach (var statement in statements)
        {
            var own = HeaderSyntax.Of(statement)?.Call;
            foreach (var call in statement.DescendantNodes().OfType<InvocationExpressionSyntax>())
            {
                if (call == own || HeaderSyntax.WordOf(call) is not { } word) continue;
                if (model.GetSymbolInfo(call).Symbol?.ContainingNamespace?.ToDisplayString() != "Soar.Language") continue;
                Report(call.Expression, "SOAR1028", $"{word} is part of the header and cannot stand inside another statement.", "Write it as a statement of its own at the top of the file.");
            }
        }
    }

    private string? Text(IInvocationOperation operation, string parameter) => Value(operation, parameter) as string;

    private object? Value(IInvocationOperation operation, string parameter) =>
        operation.Arguments.FirstOrDefault(a => a.Parameter?.Name == parameter) is { } argument ? Value(argument) : null;

    private object? Value(IArgumentOperation argument) => ReadValue(argument) is { Ok: true } read ? read.Value : null;

    private (bool Ok, object? Value) ReadValue(IArgumentOperation argument)
    {
        try
        {
            return (true, HeaderValues.Read(argument.Value));
        }
        catch (HeaderValueException problem)
        {
            Report(problem.Node, problem.Code, problem.Message, problem.Remedy);
            return (false, null);
        }
    }

    private static SyntaxNode ArgumentSyntax(IInvocationOperation operation, string parameter) =>
        operation.Arguments.First(a => a.Parameter?.Name == parameter).Syntax is ArgumentSyntax argument ? argument.Expression : operation.Syntax;

    private TextSpan BareSpan(SyntaxNode node) => splice.ToBare(node.Span)!.Value;

    private void Report(SyntaxNode node, string code, string message, string remedy) =>
        findings.Add(source.At(BareSpan(node), code, message, remedy));

    private static readonly SymbolDisplayFormat NullableFull = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    [GeneratedRegex(@"^[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.None, 1000)]
    private static partial Regex SlugPattern();

    [GeneratedRegex(@"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\z", RegexOptions.None, 1000)]
    private static partial Regex SemVer();

    [GeneratedRegex(@"^[a-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*\z", RegexOptions.None, 1000)]
    private static partial Regex InputName();

    private static bool IsSlug(string text) => text.Length is > 0 and <= 80 && SlugPattern().IsMatch(text);
}
