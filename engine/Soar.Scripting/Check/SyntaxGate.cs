using System.Collections.Frozen;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using K = Microsoft.CodeAnalysis.CSharp.SyntaxKind;

namespace Soar.Scripting.Check;

/// <summary>
/// Gate a: a positive list of syntax, modifiers and directives, on the playbook's own text before anything is bound. What a future C# brings is not
/// on the list and is therefore refused. It cannot see meaning: <c>Task</c> is just a name here.
/// </summary>
internal sealed class SyntaxGate(AllowList list) : CSharpSyntaxWalker(SyntaxWalkerDepth.StructuredTrivia)
{
    private readonly List<Finding> findings = [];

    public static IReadOnlyList<Finding> Check(SyntaxNode root, AllowList list)
    {
        var gate = new SyntaxGate(list);
        gate.Visit(root);
        return gate.findings;
    }

    public override void Visit(SyntaxNode? node)
    {
        if (node is null) return;
        if (node is DirectiveTriviaSyntax directive)
        {
            if (directive.Kind() is not (K.RegionDirectiveTrivia or K.EndRegionDirectiveTrivia))
                Refuse(CheckCodes.Directive, directive.GetLocation(), $"'{directive.ToString().Trim()}' is a directive that playbooks do not have.", "Only #region and #endregion are; leave it out.");
            return;
        }

        // Documentation comments are comments: nothing in them is bound.
        if (node is DocumentationCommentTriviaSyntax or SkippedTokensTriviaSyntax) return;
        // A record's own 'this' is harmless; the playbook's is the engine's object.
        var own = node is ThisExpressionSyntax && node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not null;
        if (!own && !Allowed.Contains(node.Kind()))
        {
            var (code, what, remedy) = Explain(node);
            Refuse(code, Place(node), what, remedy);
            return;
        }

        Details(node);
        base.Visit(node);
    }

    private void Details(SyntaxNode node)
    {
        switch (node)
        {
            case UsingDirectiveSyntax use:
                if (use.Alias is not null || !use.StaticKeyword.IsKind(K.None) || !use.UnsafeKeyword.IsKind(K.None) || !use.GlobalKeyword.IsKind(K.None) || use.Name is null)
                    Refuse(CheckCodes.Using, use.GetLocation(), $"'{use}' is refused: no aliases, no using static, no global using.", "Write the name in full where you use it.");
                else if (!list.Namespaces.Contains(use.Name.ToString()))
                    Refuse(CheckCodes.Using, use.Name.GetLocation(), $"The namespace '{use.Name}' is not part of the language.", $"Leave it out; playbooks see {string.Join(", ", list.Namespaces.Order(StringComparer.Ordinal))} without a using.");
                break;
            case MemberDeclarationSyntax member: Modifiers(member.Modifiers, member); break;
            case LocalFunctionStatementSyntax local: Modifiers(local.Modifiers, local); break;
            case LocalDeclarationStatementSyntax declaration:
                Modifiers(declaration.Modifiers, declaration);
                if (!declaration.AwaitKeyword.IsKind(K.None))
                    Refuse(CheckCodes.Flow, declaration.AwaitKeyword.GetLocation(), "'await using' is refused: only steps are awaited.", "Use using without await.");
                break;
            case AnonymousFunctionExpressionSyntax lambda: Modifiers(lambda.Modifiers, lambda); break;
            case AccessorDeclarationSyntax accessor: Modifiers(accessor.Modifiers, accessor); break;
            case ParameterSyntax parameter: Modifiers(parameter.Modifiers, parameter); break;
            case ForEachStatementSyntax each when !each.AwaitKeyword.IsKind(K.None):
                Refuse(CheckCodes.Flow, each.AwaitKeyword.GetLocation(), "'await foreach' is refused: only steps are awaited.", "Await the step that returns the list, then use foreach.");
                break;
            case ForEachVariableStatementSyntax each when !each.AwaitKeyword.IsKind(K.None):
                Refuse(CheckCodes.Flow, each.AwaitKeyword.GetLocation(), "'await foreach' is refused: only steps are awaited.", "Await the step that returns the list, then use foreach.");
                break;
            case UsingStatementSyntax use when !use.AwaitKeyword.IsKind(K.None):
                Refuse(CheckCodes.Flow, use.AwaitKeyword.GetLocation(), "'await using' is refused: only steps are awaited.", "Use using without await.");
                break;
            case IdentifierNameSyntax { Identifier.ValueText: "dynamic" } name when name.Parent is not MemberAccessExpressionSyntax:
                Refuse(CheckCodes.Reflection, name.GetLocation(), "'dynamic' is refused: it is reflection.", "Name the type, or read JSON through JsonElement.");
                break;
        }

        if (DeclaredName(node) is { } declared && declared.ValueText.StartsWith("__", StringComparison.Ordinal))
            Refuse(CheckCodes.Engine, declared.GetLocation(), $"The name '{declared.ValueText}' is refused: names with two leading underscores are the engine's.", "Choose another name.");
    }

    private static SyntaxToken? DeclaredName(SyntaxNode node) => node switch
    {
        VariableDeclaratorSyntax v => v.Identifier,
        ParameterSyntax p => p.Identifier,
        LocalFunctionStatementSyntax f => f.Identifier,
        BaseTypeDeclarationSyntax t => t.Identifier,
        MethodDeclarationSyntax m => m.Identifier,
        PropertyDeclarationSyntax p => p.Identifier,
        SingleVariableDesignationSyntax s => s.Identifier,
        ForEachStatementSyntax e => e.Identifier,
        CatchDeclarationSyntax c => c.Identifier,
        _ => null,
    };

    private void Modifiers(SyntaxTokenList modifiers, SyntaxNode owner)
    {
        foreach (var modifier in modifiers)
        {
            if (MayStand(modifier.Kind(), owner)) continue;
            var (code, remedy) = modifier.Kind() switch
            {
                K.UnsafeKeyword or K.ExternKeyword or K.FixedKeyword => (CheckCodes.Unsafe, "Playbooks have no pointers and no native calls; use a capability."),
                K.StaticKeyword => (CheckCodes.StaticState, "Keep the value in a local variable: runs share nothing, and replays begin from nothing."),
                K.VolatileKeyword => (CheckCodes.Threads, "A run is one logical thread; leave it out."),
                K.AsyncKeyword => (CheckCodes.AsyncVoid, "Use an async local function."),
                _ => (CheckCodes.Declaration, "Leave it out."),
            };
            Refuse(code, modifier.GetLocation(), $"The modifier '{modifier.Text}' is refused here.", remedy);
        }
    }

    private static bool MayStand(K modifier, SyntaxNode owner) => owner switch
    {
        LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax => modifier is K.AsyncKeyword or K.StaticKeyword,
        LocalDeclarationStatementSyntax => modifier is K.ConstKeyword,
        ParameterSyntax => modifier is K.RefKeyword or K.OutKeyword or K.ParamsKeyword,
        TypeDeclarationSyntax or EnumDeclarationSyntax => modifier is K.PublicKeyword or K.InternalKeyword or K.PrivateKeyword or K.SealedKeyword or K.AbstractKeyword,
        FieldDeclarationSyntax => modifier is K.PublicKeyword or K.InternalKeyword or K.PrivateKeyword or K.ProtectedKeyword or K.ReadOnlyKeyword or K.ConstKeyword or K.RequiredKeyword,
        PropertyDeclarationSyntax => modifier is K.PublicKeyword or K.InternalKeyword or K.PrivateKeyword or K.ProtectedKeyword or K.RequiredKeyword
            or K.VirtualKeyword or K.OverrideKeyword or K.AbstractKeyword or K.SealedKeyword or K.StaticKeyword,
        MethodDeclarationSyntax => modifier is K.PublicKeyword or K.InternalKeyword or K.PrivateKeyword or K.ProtectedKeyword
            or K.VirtualKeyword or K.OverrideKeyword or K.AbstractKeyword or K.SealedKeyword or K.StaticKeyword,
        ConstructorDeclarationSyntax => modifier is K.PublicKeyword or K.InternalKeyword or K.PrivateKeyword or K.ProtectedKeyword,
        AccessorDeclarationSyntax => modifier is K.PublicKeyword or K.InternalKeyword or K.PrivateKeyword or K.ProtectedKeyword,
        _ => false,
    };

    private static Location Place(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.GetLocation(),
        DelegateDeclarationSyntax type => type.Identifier.GetLocation(),
        _ => node.GetLocation(),
    };

    private static (string Code, string What, string Remedy) Explain(SyntaxNode node) => node.Kind() switch
    {
        K.AttributeList => (CheckCodes.Attribute, $"The attribute {node} is refused.", "Leave it out: attributes are instructions to the compiler and to reflection."),
        K.UnsafeStatement or K.FixedStatement or K.StackAllocArrayCreationExpression or K.ImplicitStackAllocArrayCreationExpression or K.PointerType or K.FunctionPointerType
            or K.AddressOfExpression or K.PointerIndirectionExpression or K.PointerMemberAccessExpression or K.SizeOfExpression or K.MakeRefExpression or K.RefValueExpression
            or K.RefTypeExpression or K.ArgListExpression or K.ExternAliasDirective =>
            (CheckCodes.Unsafe, $"'{Short(node)}' is refused: playbooks have no pointers and no unmanaged memory.", "Use arrays, lists and records."),
        K.StructDeclaration or K.RecordStructDeclaration => (CheckCodes.Declaration, $"The struct '{((TypeDeclarationSyntax)node).Identifier}' is refused.", "Declare a record: record Name(…);"),
        K.InterfaceDeclaration => (CheckCodes.Declaration, $"The interface '{((TypeDeclarationSyntax)node).Identifier}' is refused.", "Declare an abstract record and derive records from it."),
        K.DelegateDeclaration => (CheckCodes.Declaration, "A delegate type is refused.", "Use Func<…> or Action<…>."),
        K.TypeParameterList or K.TypeParameterConstraintClause => (CheckCodes.Declaration, $"'{Short(node)}' is refused: playbooks declare no generics.", "Name the type you need; List<T> and the other listed generics may be used."),
        K.OperatorDeclaration or K.ConversionOperatorDeclaration => (CheckCodes.Declaration, "An operator is refused.", "Write a method."),
        K.DestructorDeclaration => (CheckCodes.Declaration, "A finalizer is refused: it would run on another thread, at no time the journal knows.", "Leave it out."),
        K.IndexerDeclaration or K.EventDeclaration or K.EventFieldDeclaration => (CheckCodes.Declaration, "Indexers and events are refused.", "Write a method."),
        K.NamespaceDeclaration or K.FileScopedNamespaceDeclaration => (CheckCodes.Declaration, "A namespace is refused: a playbook is one file of statements, then its records.", "Leave it out."),
        K.ExtensionBlockDeclaration => (CheckCodes.Declaration, "An extension block is refused.", "Write a local function."),
        K.GotoStatement or K.GotoCaseStatement or K.GotoDefaultStatement or K.LabeledStatement =>
            (CheckCodes.Flow, $"'{Short(node)}' is refused: jumps escape the meter and have no shape in the diagram.", "Use a loop, or a local function called from both places."),
        K.LockStatement => (CheckCodes.Flow, "'lock' is refused.", "A run is one logical thread; leave it out."),
        K.TypeOfExpression => (CheckCodes.Reflection, $"'{Short(node)}' is refused: it is the door to reflection.", "Use 'is', a switch on patterns, or nameof."),
        K.QueryExpression => (CheckCodes.Syntax, "A query expression is refused: its lambdas cannot be metered.", "Write it with methods: items.Where(x => …).Select(x => …)."),
        K.Utf8StringLiteralExpression => (CheckCodes.Syntax, "A UTF-8 literal is refused.", "Write a plain string."),
        K.RefExpression or K.RefType or K.ScopedType => (CheckCodes.Syntax, $"'{Short(node)}' is refused: no references to variables.", "Copy the value."),
        K.ThisExpression or K.BaseExpression => (CheckCodes.Engine, $"'{node}' is refused.", "Name the member directly."),
        K.AliasQualifiedName => (CheckCodes.Syntax, $"'{Short(node)}' is refused.", "Write the plain name."),
        K.GlobalStatement => (CheckCodes.Syntax, "A statement is refused here.", "Put statements before the records."),
        K.AnonymousMethodExpression => (CheckCodes.Syntax, "'delegate { }' is refused.", "Write a lambda: x => …"),
        _ => (CheckCodes.Syntax, $"'{Short(node)}' ({node.Kind()}) is not part of the language.", "See language.md for what is."),
    };

    private static string Short(SyntaxNode node)
    {
        var text = node.ToString().ReplaceLineEndings(" ");
        return text.Length <= 60 ? text : text[..57] + "...";
    }

    private void Refuse(string code, Location location, string message, string remedy) => findings.Add(new(code, location, message, remedy));

    private static readonly FrozenSet<K> Allowed = new[]
    {
        K.CompilationUnit, K.GlobalStatement, K.UsingDirective,
        // statements
        K.Block, K.EmptyStatement, K.ExpressionStatement, K.LocalDeclarationStatement, K.LocalFunctionStatement, K.IfStatement, K.ElseClause, K.SwitchStatement, K.SwitchSection,
        K.CaseSwitchLabel, K.CasePatternSwitchLabel, K.DefaultSwitchLabel, K.WhileStatement, K.DoStatement, K.ForStatement, K.ForEachStatement, K.ForEachVariableStatement,
        K.BreakStatement, K.ContinueStatement, K.ReturnStatement, K.YieldReturnStatement, K.YieldBreakStatement, K.ThrowStatement, K.TryStatement, K.CatchClause,
        K.CatchDeclaration, K.CatchFilterClause, K.FinallyClause, K.UsingStatement, K.CheckedStatement, K.UncheckedStatement,
        // expressions
        K.IdentifierName, K.GenericName, K.QualifiedName, K.TypeArgumentList, K.PredefinedType, K.NullableType, K.ArrayType, K.ArrayRankSpecifier, K.OmittedArraySizeExpression,
        K.TupleType, K.TupleElement, K.NumericLiteralExpression, K.StringLiteralExpression, K.CharacterLiteralExpression, K.TrueLiteralExpression, K.FalseLiteralExpression,
        K.NullLiteralExpression, K.DefaultLiteralExpression, K.DefaultExpression, K.InterpolatedStringExpression, K.InterpolatedStringText, K.Interpolation,
        K.InterpolationAlignmentClause, K.InterpolationFormatClause, K.ParenthesizedExpression, K.TupleExpression, K.InvocationExpression, K.ArgumentList, K.Argument,
        K.BracketedArgumentList, K.NameColon, K.ExpressionColon, K.NameEquals, K.SimpleMemberAccessExpression, K.ElementAccessExpression, K.ConditionalAccessExpression,
        K.MemberBindingExpression, K.ElementBindingExpression, K.ImplicitElementAccess, K.ObjectCreationExpression, K.ImplicitObjectCreationExpression,
        K.AnonymousObjectCreationExpression, K.AnonymousObjectMemberDeclarator, K.ArrayCreationExpression, K.ImplicitArrayCreationExpression, K.CollectionExpression,
        K.ExpressionElement, K.SpreadElement, K.ArrayInitializerExpression, K.CollectionInitializerExpression, K.ComplexElementInitializerExpression, K.ObjectInitializerExpression,
        K.WithExpression, K.WithInitializerExpression, K.SimpleLambdaExpression, K.ParenthesizedLambdaExpression, K.AwaitExpression, K.ConditionalExpression, K.CoalesceExpression,
        K.CoalesceAssignmentExpression, K.SimpleAssignmentExpression, K.AddAssignmentExpression, K.SubtractAssignmentExpression, K.MultiplyAssignmentExpression,
        K.DivideAssignmentExpression, K.ModuloAssignmentExpression, K.AndAssignmentExpression, K.OrAssignmentExpression, K.ExclusiveOrAssignmentExpression,
        K.LeftShiftAssignmentExpression, K.RightShiftAssignmentExpression, K.UnsignedRightShiftAssignmentExpression, K.AddExpression, K.SubtractExpression, K.MultiplyExpression,
        K.DivideExpression, K.ModuloExpression, K.LeftShiftExpression, K.RightShiftExpression, K.UnsignedRightShiftExpression, K.LogicalAndExpression, K.LogicalOrExpression,
        K.BitwiseAndExpression, K.BitwiseOrExpression, K.ExclusiveOrExpression, K.EqualsExpression, K.NotEqualsExpression, K.LessThanExpression, K.LessThanOrEqualExpression,
        K.GreaterThanExpression, K.GreaterThanOrEqualExpression, K.IsExpression, K.AsExpression, K.CastExpression, K.CheckedExpression, K.UncheckedExpression,
        K.UnaryPlusExpression, K.UnaryMinusExpression, K.LogicalNotExpression, K.BitwiseNotExpression, K.PreIncrementExpression, K.PreDecrementExpression,
        K.PostIncrementExpression, K.PostDecrementExpression, K.SuppressNullableWarningExpression, K.IndexExpression, K.RangeExpression, K.ThrowExpression,
        K.SwitchExpression, K.SwitchExpressionArm, K.DeclarationExpression,
        // patterns
        K.IsPatternExpression, K.ConstantPattern, K.DeclarationPattern, K.TypePattern, K.VarPattern, K.DiscardPattern, K.RecursivePattern, K.PositionalPatternClause,
        K.PropertyPatternClause, K.Subpattern, K.RelationalPattern, K.AndPattern, K.OrPattern, K.NotPattern, K.ParenthesizedPattern, K.ListPattern, K.SlicePattern, K.WhenClause,
        K.SingleVariableDesignation, K.ParenthesizedVariableDesignation, K.DiscardDesignation,
        // declarations
        K.VariableDeclaration, K.VariableDeclarator, K.EqualsValueClause, K.ParameterList, K.Parameter, K.ArrowExpressionClause, K.RecordDeclaration, K.ClassDeclaration,
        K.EnumDeclaration, K.EnumMemberDeclaration, K.BaseList, K.SimpleBaseType, K.PrimaryConstructorBaseType, K.FieldDeclaration, K.PropertyDeclaration, K.AccessorList,
        K.GetAccessorDeclaration, K.SetAccessorDeclaration, K.InitAccessorDeclaration, K.MethodDeclaration, K.ConstructorDeclaration, K.BaseConstructorInitializer,
        K.ThisConstructorInitializer,
    }.ToFrozenSet();
}
