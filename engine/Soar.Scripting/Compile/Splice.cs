using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Soar.Scripting.Compile;

/// <summary>
/// The text around a playbook that makes it a class: one splice before the statements, one after them, and the end of the class behind the playbook's
/// own types. Positions in the wrapped text are those of the bare file plus a constant (plus another behind the statements).
/// </summary>
internal sealed class Splice
{
    /// <summary>Namespace and name of the generated class.</summary>
    public const string ClassName = "Soar.Playbooks.ThisPlaybook";

    private const string Usings =
        "using System; using System.Collections.Generic; using System.Globalization; using System.Linq; using System.Text; using System.Text.Json; " +
        "using Soar; using Soar.Capabilities; using Soar.Language; using Soar.Facades; ";

    private const string Before = Usings +
        "namespace Soar.Playbooks { public sealed class ThisPlaybook : global::Soar.Facades.PlaybookBase { " +
        "protected override async global::System.Threading.Tasks.Task<global::Soar.Outcome> Body() {\n";

    private const string After = " return global::Soar.Outcome.Completed(); }";

    private readonly int bodyEnd;

    private Splice(int bodyEnd) => this.bodyEnd = bodyEnd;

    /// <summary>Wraps the bare text unchanged: the tree that semantic questions and diagnostics are asked of.</summary>
    public static (Splice Splice, SyntaxTree Tree) Bare(PlaybookSource source, CancellationToken cancellation)
    {
        var text = source.BodyText();
        var wrapped = string.Concat(Before, text.AsSpan(0, source.BodyEnd), After, string.Concat(text.AsSpan(source.BodyEnd), "\n}}"));
        return (new(source.BodyEnd), CSharpSyntaxTree.ParseText(SourceText.From(wrapped), PlaybookSource.ParseOptions, source.File, cancellation));
    }

    /// <summary>Wraps the rewritten text; lines are those of the file, which debugging information names <paramref name="file"/>.</summary>
    public static SyntaxTree Rewritten(string statements, string types, string members, string file, CancellationToken cancellation)
    {
        var wrapped = $"{Before}#line 1 \"{file}\"\n{statements}{After}{types}\n#line hidden\n{members}}}}}";
        return CSharpSyntaxTree.ParseText(SourceText.From(wrapped, System.Text.Encoding.UTF8), PlaybookSource.ParseOptions, file, cancellation);
    }

    /// <summary>From the wrapped text to the bare file; null when it lies in what was added.</summary>
    public TextSpan? ToBare(TextSpan wrapped)
    {
        var start = ToBare(wrapped.Start);
        var end = ToBare(wrapped.End);
        return start is { } from && end is { } to && to >= from ? TextSpan.FromBounds(from, to) : null;
    }

    public TextSpan ToWrapped(TextSpan bare) => new(ToWrapped(bare.Start), bare.Length);

    private int ToWrapped(int bare) => bare + Before.Length + (bare >= bodyEnd ? After.Length : 0);

    private int? ToBare(int wrapped)
    {
        var position = wrapped - Before.Length;
        if (position < 0) return null;
        if (position <= bodyEnd) return position;
        position -= After.Length;
        return position < bodyEnd ? null : position;
    }
}
